//! Requests through a proxy: who looks a name up, and what is never sent there.

use replug_core::{Code, Secret};
use replug_net::{Ask, Http, HttpOptions, NetError, Reach, Trace};
use url::Url;

use crate::server::{Script, Server, text};

#[tokio::test]
async fn a_name_behind_a_proxy_is_looked_up_there_and_loopback_never_goes_through_it() {
    let here = Server::start(|_| Script::from([("/", text(200, "", "direct"))])).await;
    let proxy = Server::start(|_| Script::from([("http://server.example/", text(200, "", "through"))])).await;
    let with_credentials = Secret::new(format!("http://user:canary@{}", proxy.address));
    let http = Http::new(HttpOptions { proxy: Some(with_credentials), ..HttpOptions::default() }).unwrap();

    let away = Url::parse("http://server.example/").unwrap();
    let shown = http.proxy_for(&away).map(|proxy| proxy.to_string());
    assert_eq!(shown, Some(format!("http://{}/", proxy.address)), "shown without credentials");
    // The name is unknown here: only the proxy can have found it.
    let answer = http.ask(&Ask::get(away, Reach::OWN), &Trace::new()).await.unwrap();
    assert_eq!(answer.text(), "through");

    for local in [here.url("/"), Url::parse(&format!("http://localhost:{}/", here.address.port())).unwrap()] {
        assert_eq!(http.proxy_for(&local), None, "{local}");
        let answer = http.ask(&Ask::get(local, Reach::OWN), &Trace::new()).await.unwrap();
        assert_eq!(answer.text(), "direct");
    }
    assert_eq!(proxy.asked().len(), 1, "{:?}", proxy.asked());
    assert!(!format!("{http:?}").contains("canary"), "its credentials are not shown");
}

#[tokio::test]
async fn a_proxy_that_wants_a_sign_in_is_told_from_the_server_behind_it() {
    let wants = || text(407, "proxy-authenticate: Basic realm=\"proxy\"\r\n", "Who are you?");
    let proxy = Server::start(|_| {
        Script::from([("http://server.example/", wants()), ("server.example:443", wants()), ("/", wants())])
    });
    let proxy = proxy.await;
    let through = Secret::new(format!("http://{}", proxy.address));
    let http = Http::new(HttpOptions { proxy: Some(through), ..HttpOptions::default() }).unwrap();
    for (address, status) in [("http://server.example/", Some(407)), ("https://server.example/", None)] {
        let trace = Trace::new();
        let outcome = http.ask(&Ask::get(Url::parse(address).unwrap(), Reach::OWN), &trace).await;
        let error = outcome.unwrap_err();
        assert_eq!((&error, error.code()), (&NetError::ProxySignIn, Code::NetProxySignIn), "{address}");
        assert!(error.never_sent(), "the server was not asked");
        let exchanges = trace.take();
        assert_eq!((exchanges.len(), exchanges[0].status), (1, status), "{exchanges:?}");
    }
    let answer = http.ask(&Ask::get(proxy.url("/"), Reach::OWN), &Trace::new()).await.unwrap();
    assert_eq!(answer.status.as_u16(), 407, "from a server that is asked directly it is an answer like others");
}
