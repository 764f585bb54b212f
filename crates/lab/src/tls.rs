//! Encryption before a lab server: a listener that speaks TLS with a certificate that is as good as a test wants it, and passes
//! everything on to the server behind it. What the server answers is its own business.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// How good the certificate is. Its authority is made for it, and is trusted by whoever is told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Certificate {
    /// For 127.0.0.1, until 2099.
    #[default]
    Good,
    /// The same, and it ended on 2 January 2020.
    Expired,
    /// For other.example.
    OtherName,
}

/// A TLS listener on loopback.
pub struct TlsFront {
    address: SocketAddr,
    authority: String,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl TlsFront {
    /// Listens before the server with this origin, such as `http://127.0.0.1:8080`.
    pub fn before(origin: &str, certificate: Certificate) -> io::Result<Self> {
        let behind: SocketAddr = origin.trim_start_matches("http://").parse().map_err(io::Error::other)?;
        let (config, authority) = config_of(certificate).map_err(io::Error::other)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("lab tls".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    ended = serve(listener, TlsAcceptor::from(config), behind) => {
                        tracing::warn!(?ended, "a lab listener ended by itself");
                    }
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { address, authority, running: Some((stop, thread)) })
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The certificate of the authority, as PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            // A thread that is gone has nothing left to be told or waited for.
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, behind: SocketAddr) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (socket, _) = listener.accept().await?;
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // Whoever does not like the certificate is told by the handshake itself.
            let Ok(mut before) = acceptor.accept(socket).await else { return };
            let Ok(mut server) = TcpStream::connect(behind).await else { return };
            let _ = copy_bidirectional(&mut before, &mut server).await;
        });
    }
}

type Made = (Arc<ServerConfig>, String);

fn config_of(certificate: Certificate) -> Result<Made, Box<dyn std::error::Error + Send + Sync>> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "Lab Authority");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let name = if certificate == Certificate::OtherName { "other.example" } else { "127.0.0.1" };
    let mut params = CertificateParams::new([name.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, "Lab server");
    params.not_after = date_time_ymd(if certificate == Certificate::Expired { 2020 } else { 2099 }, 1, 2);
    let key = KeyPair::generate()?;
    let leaf = params.signed_by(&key, &authority)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let chain = vec![leaf.der().clone(), authority.der().clone()];
    let config = config.with_no_client_auth().with_single_cert(chain, PrivateKeyDer::try_from(key.serialize_der())?)?;
    Ok((Arc::new(config), authority.pem()))
}
