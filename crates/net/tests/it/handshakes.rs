//! A TLS handshake looked at by itself: what it shows, and that it fails for the same reason as a request.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use replug_core::Code;
use replug_net::{Ask, Handshake, Http, HttpOptions, NetError, Reach, TlsFault, Trace};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

const LIMIT: Duration = Duration::from_secs(5);

/// An authority with one below it, as they are seen in the wild.
struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    below: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn called(name: &str) -> Self {
        let root = CertifiedIssuer::self_signed(issuer(&format!("{name} Root")), KeyPair::generate().unwrap()).unwrap();
        let below =
            CertifiedIssuer::signed_by(issuer(&format!("{name} Below")), KeyPair::generate().unwrap(), &root).unwrap();
        Self { root, below }
    }

    /// Serves with a certificate of this authority, bent as wanted.
    async fn serves(&self, bend: impl FnOnce(&mut CertificateParams)) -> SocketAddr {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned(), "lab.example".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "lab.example");
        bend(&mut params);
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &self.below).unwrap();
        serve(vec![leaf.der().clone(), self.below.der().clone()], &key).await
    }

    fn http(&self) -> Http {
        let extra_roots = vec![self.root.pem().into_bytes()];
        Http::new(HttpOptions { extra_roots, ..HttpOptions::default() }).unwrap()
    }
}

fn issuer(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// Answers every request over TLS with an empty 200.
async fn serve(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> SocketAddr {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(socket).await else { return };
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(b"HTTP/1.1 200 x\r\ncontent-length: 0\r\n\r\n").await;
            });
        }
    });
    address
}

/// Answers every connection with these bytes, and closes it.
async fn says(bytes: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            // Only after the greeting, as a server that reads it would.
            let _ = socket.read(&mut [0; 1024]).await;
            let _ = socket.write_all(bytes).await;
        }
    });
    address
}

fn url(address: SocketAddr) -> Url {
    Url::parse(&format!("https://{address}/mcp")).unwrap()
}

async fn handshake(http: &Http, address: SocketAddr) -> Handshake {
    http.handshake(&url(address), IpAddr::V4(Ipv4Addr::LOCALHOST), LIMIT).await
}

async fn request(http: &Http, address: SocketAddr) -> Result<u16, NetError> {
    let answer = http.ask(&Ask::get(url(address), Reach::OWN), &Trace::new()).await;
    answer.map(|answer| answer.status.as_u16())
}

fn fault<T: std::fmt::Debug>(outcome: Result<T, NetError>) -> TlsFault {
    match outcome {
        Err(NetError::Tls { fault, .. }) => fault,
        other => panic!("no fault of the encryption: {other:?}"),
    }
}

#[tokio::test]
async fn a_good_handshake_shows_version_names_issuers_and_end() {
    let authority = Authority::called("Lab");
    let address = authority.serves(|params| params.not_after = date_time_ymd(2099, 1, 2)).await;
    let http = authority.http();
    let Handshake { certificate, outcome } = handshake(&http, address).await;
    assert_eq!(outcome, Ok("TLS 1.3"));
    let shown = certificate.unwrap();
    assert_eq!((shown.subject.as_str(), &shown.names), ("lab.example", &vec!["lab.example".to_owned()]));
    assert_eq!((shown.issuer.as_str(), shown.top_issuer.as_str()), ("Lab Below", "Lab Root"));
    assert_eq!((shown.not_after.to_string().as_str(), shown.self_signed), ("2099-01-02T00:00:00Z", false));
    assert_eq!(request(&http, address).await, Ok(200), "a request is let through by the same verifier");
}

#[tokio::test]
async fn each_fault_of_a_certificate_is_told_apart_and_is_the_same_for_a_request() {
    let authority = Authority::called("Lab");
    let expired = authority.serves(|params| params.not_after = date_time_ymd(2020, 1, 2)).await;
    let early = authority.serves(|params| params.not_before = date_time_ymd(2090, 1, 2)).await;
    let other = |params: &mut CertificateParams| {
        params.subject_alt_names = CertificateParams::new(["other.example".to_owned()]).unwrap().subject_alt_names;
    };
    let misnamed = authority.serves(other).await;
    let stranger = Authority::called("Other").serves(|_| {}).await;
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let by_itself = serve(vec![made.cert.der().clone()], &made.signing_key).await;
    let http = authority.http();
    for (address, expected, code) in [
        (expired, TlsFault::Expired, Code::TlsInvalid),
        (early, TlsFault::NotYetValid, Code::TlsInvalid),
        (misnamed, TlsFault::WrongName, Code::TlsInvalid),
        (stranger, TlsFault::UnknownIssuer, Code::TlsIntercepted),
        (by_itself, TlsFault::UnknownIssuer, Code::TlsIntercepted),
    ] {
        let Handshake { certificate, outcome } = handshake(&http, address).await;
        assert_eq!(outcome.as_ref().map_err(NetError::code), Err(code), "{expected:?}");
        assert_eq!(fault(outcome), expected);
        assert_eq!(fault(request(&http, address).await), expected, "the request fails as the handshake does");
        let shown = certificate.unwrap();
        assert_eq!(shown.self_signed, address == by_itself, "{expected:?}");
        assert!(!shown.top_issuer.is_empty(), "who issued it is shown although it is not believed");
    }
}

#[tokio::test]
async fn what_does_not_speak_tls_is_told_from_what_refuses_to() {
    let http = Http::new(HttpOptions::default()).unwrap();
    // An alert: fatal, handshake_failure (RFC 8446 §6.2).
    let refuses: &[u8] = &[21, 3, 3, 0, 2, 2, 40];
    // A greeting of the server that is empty: it does speak TLS, only not as it should.
    let babbles: &[u8] = &[22, 3, 3, 0, 4, 2, 0, 0, 0];
    for (bytes, expected) in [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), TlsFault::NotTls),
        (refuses, TlsFault::Refused),
        (b"", TlsFault::Refused),
        (babbles, TlsFault::Failed),
    ] {
        let address = says(bytes).await;
        let Handshake { certificate, outcome } = handshake(&http, address).await;
        assert_eq!(certificate, None);
        assert_eq!(outcome.as_ref().map_err(NetError::code), Err(Code::TlsHandshake));
        assert_eq!(fault(outcome), expected, "{bytes:?}");
    }
}

#[tokio::test]
async fn a_handshake_that_is_never_answered_ends_at_its_bound() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let http = Http::new(HttpOptions::default()).unwrap();
    let limit = Duration::from_millis(200);
    let silent = http.handshake(&url(listener.local_addr().unwrap()), IpAddr::V4(Ipv4Addr::LOCALHOST), limit).await;
    assert_eq!(silent.outcome.map_err(|error| error.code()), Err(Code::NetTimeout));
}
