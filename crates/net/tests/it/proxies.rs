//! Requests through a proxy: who looks a name up, and what is never sent there.

use replug_core::Secret;
use replug_net::{Ask, Http, HttpOptions, Reach, Trace};
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
