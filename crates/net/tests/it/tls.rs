//! A server that breaks the encryption off after it has read the request.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, Stream};

/// A record of application data (RFC 8446 §5.2) that nobody can decrypt.
const GARBAGE: [u8; 37] = {
    let mut record = [0; 37];
    [record[0], record[1], record[2], record[4]] = [23, 3, 3, 32];
    record
};

/// Serves one connection with a certificate made for it, which is returned as PEM. The thread returns the request it read.
pub(crate) fn breaks_off_after_the_request() -> (SocketAddr, String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let serving = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
        let request = read_request(Stream::new(&mut connection, &mut socket));
        socket.write_all(&GARBAGE).unwrap();
        // Reads to the end, so that the record arrives before the connection is closed.
        let _ = socket.read_to_end(&mut Vec::new());
        request
    });
    (address, made.cert.pem(), serving)
}

fn read_request(mut stream: Stream<'_, ServerConnection, std::net::TcpStream>) -> String {
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n{}") {
        let mut piece = [0; 1024];
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "the request breaks off");
        seen.extend_from_slice(&piece[..read]);
    }
    String::from_utf8(seen).unwrap()
}
