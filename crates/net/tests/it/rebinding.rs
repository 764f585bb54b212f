//! Names that lead to one address when they are judged and to another when they are used (T06). Addresses by number are in
//! the tests around.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use replug_core::AddressClass;
use replug_net::{Ask, Follow, Http, HttpOptions, LookedUp, Names, NetError, Reach, Trace};
use url::Url;

use crate::server::{Script, Server, text};

const HERE: &str = "127.0.0.1";
const LOOPBACK: Reach = Reach { loopback: true, private: false };

/// Gives another answer to each question, and writes down what it was asked.
#[derive(Debug)]
struct Fickle {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: Mutex<Vec<String>>,
}

impl Fickle {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let ips = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
        Arc::new(Self { answers: Mutex::new(answers.iter().map(ips).collect()), asked: Mutex::default() })
    }

    fn http(self: &Arc<Self>) -> Http {
        Http::new(HttpOptions { names: self.clone(), ..HttpOptions::default() }).unwrap()
    }
}

impl Names for Fickle {
    fn look_up<'a>(&'a self, name: &'a str) -> LookedUp<'a> {
        self.asked.lock().unwrap().push(name.to_owned());
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or_default();
        Box::pin(async { Ok(answer) })
    }
}

fn at(server: &Server, path: &str) -> Url {
    Url::parse(&format!("http://rebind.example:{}{path}", server.address.port())).unwrap()
}

#[tokio::test]
async fn a_name_is_judged_again_after_a_redirect_within_its_origin() {
    for (second, class) in [
        ("169.254.169.254", AddressClass::LinkLocal),
        ("10.0.0.1", AddressClass::Private),
        ("64:ff9b::a00:1", AddressClass::Private),
        ("0.0.0.0", AddressClass::Reserved),
    ] {
        let server = Server::start(|_| Script::from([("/a", text(307, "location: /b\r\n", ""))])).await;
        let names = Fickle::new(&[&[HERE], &[second]]);
        let ask = Ask::get(at(&server, "/a"), LOOPBACK).follow(Follow::SameOrigin(2));
        let outcome = names.http().ask(&ask, &Trace::new()).await;
        assert!(
            matches!(&outcome, Err(NetError::AddressRefused { class: found, .. }) if *found == class),
            "{second}: {outcome:?}"
        );
        assert_eq!(server.asked().len(), 1, "the first hop was in order: {second}");
        assert_eq!(*names.asked.lock().unwrap(), ["rebind.example"; 2], "each connection asks anew");
    }
}

#[tokio::test]
async fn a_name_that_was_private_when_it_was_classed_does_not_reach_this_computer_afterwards() {
    let server = Server::start(|_| Script::from([("/", text(200, "", "reached"))])).await;
    for second in [HERE, "::1", "::ffff:127.0.0.1", "2002:7f00:1::", "169.254.169.254"] {
        let names = Fickle::new(&[&["10.0.0.1"], &[second]]);
        let http = names.http();
        let class = http.class_of(&at(&server, "/")).await.unwrap();
        assert_eq!(class, AddressClass::Private);
        let reach = Reach::named_by(class, false);
        let outcome = http.ask(&Ask::get(at(&server, "/"), reach), &Trace::new()).await;
        assert!(matches!(outcome, Err(NetError::AddressRefused { .. })), "{second}: {outcome:?}");
    }
    assert_eq!(server.asked(), Vec::<String>::new(), "the canary heard nothing");
}

#[tokio::test]
async fn of_several_addresses_only_those_within_reach_are_connected_to() {
    let server = Server::start(|_| Script::from([("/", text(200, "", "reached"))])).await;
    let names = Fickle::new(&[&["169.254.169.254", "10.0.0.1", HERE], &["169.254.169.254", "10.0.0.1"], &[]]);
    let http = names.http();
    let ask = Ask::get(at(&server, "/"), LOOPBACK);
    assert!(http.ask(&ask, &Trace::new()).await.is_ok(), "the one that may be reached is");
    let outcome = http.ask(&ask, &Trace::new()).await;
    assert!(matches!(outcome, Err(NetError::AddressRefused { class: AddressClass::LinkLocal, .. })), "{outcome:?}");
    let outcome = http.ask(&ask, &Trace::new()).await;
    assert!(matches!(outcome, Err(NetError::NameUnknown { .. })), "{outcome:?}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn nobody_is_asked_where_this_computer_is() {
    let server = Server::start(|_| Script::from([("/", text(200, "", "reached"))])).await;
    let names = Fickle::new(&[&["169.254.169.254"]]);
    for host in ["localhost", "LOCALHOST", "localhost."] {
        let url = Url::parse(&format!("http://{host}:{}/", server.address.port())).unwrap();
        let outcome = names.http().ask(&Ask::get(url.clone(), Reach::PUBLIC), &Trace::new()).await;
        assert!(matches!(outcome, Err(NetError::AddressRefused { .. })), "{host}: {outcome:?}");
        let outcome = names.http().ask(&Ask::get(url, LOOPBACK), &Trace::new()).await;
        assert!(outcome.is_ok(), "{host}: {outcome:?}");
    }
    assert_eq!(*names.asked.lock().unwrap(), Vec::<String>::new());
}
