//! Looking at a TLS handshake by itself (RFC 8446): what was agreed on, which certificates were shown, and why it failed. Requests
//! do not come here; nothing is sent inside the connection.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, ProtocolVersion, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use crate::certificate::ShownCertificate;
use crate::trust::Trust;
use crate::{NetError, TimeoutPhase};

/// What a handshake showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handshake {
    /// The certificate chain; `None` when the handshake did not come that far.
    pub certificate: Option<ShownCertificate>,
    /// The version that was agreed on, such as "TLS 1.3", or why there is no connection.
    pub outcome: Result<&'static str, NetError>,
}

/// Shakes hands with `address` in the name of the host of `url`, and closes the connection again.
pub(crate) async fn shake_hands(trust: &Trust, url: &Url, address: IpAddr, limit: Duration) -> Handshake {
    let witness = Arc::new(Witness { inner: trust.verifier(), seen: Mutex::default() });
    let attempt = attempt(trust, url, address, Arc::clone(&witness) as Arc<dyn ServerCertVerifier>);
    let late = NetError::Timeout { phase: TimeoutPhase::Connect, limit };
    let outcome = tokio::time::timeout(limit, attempt).await.unwrap_or(Err(late));
    let certificate = witness.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    Handshake { certificate, outcome }
}

async fn attempt(
    trust: &Trust,
    url: &Url,
    address: IpAddr,
    verifier: Arc<dyn ServerCertVerifier>,
) -> Result<&'static str, NetError> {
    let invalid = |reason: String| NetError::Invalid(reason);
    let config = trust.config_with(verifier).map_err(|error| invalid(error.to_string()))?;
    let name = name_of(url).ok_or_else(|| invalid("the address has no host".to_owned()))?;
    let port = url.port_or_known_default().unwrap_or(443);
    let unreachable = |_| NetError::Unreachable { host: format!("{}:{port}", url.host_str().unwrap_or_default()) };
    let stream = TcpStream::connect((address, port)).await.map_err(unreachable)?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let connected = connected.map_err(|error| NetError::from_handshake(&error))?;
    Ok(version_words(connected.get_ref().1.protocol_version()))
}

fn name_of(url: &Url) -> Option<ServerName<'static>> {
    match url.host()? {
        Host::Domain(name) => ServerName::try_from(name.to_owned()).ok(),
        Host::Ipv4(ip) => Some(ServerName::from(IpAddr::V4(ip))),
        Host::Ipv6(ip) => Some(ServerName::from(IpAddr::V6(ip))),
    }
}

const fn version_words(version: Option<ProtocolVersion>) -> &'static str {
    match version {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    }
}

/// Writes down the chain that is shown, and leaves every judgement to the verifier inside.
#[derive(Debug)]
struct Witness {
    inner: Arc<dyn ServerCertVerifier>,
    seen: Mutex<Option<ShownCertificate>>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let shown = ShownCertificate::read(end_entity, intermediates);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = shown;
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
