//! Whom this computer trusts: one verifier, the system's own, for every request and for looking at a handshake by itself. What a
//! certificate says is read elsewhere.

use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, Error};
use rustls_platform_verifier::Verifier;

/// The system's verifier with what encryption needs besides.
#[derive(Debug, Clone)]
pub(crate) struct Trust {
    provider: Arc<CryptoProvider>,
    verifier: Arc<dyn ServerCertVerifier>,
}

impl Trust {
    /// Reads what the system trusts, and these certificates (PEM) besides.
    pub(crate) fn new(extra_roots: &[Vec<u8>]) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = Vec::new();
        for pem in extra_roots {
            roots.push(CertificateDer::from_pem_slice(pem).map_err(|error| Error::General(error.to_string()))?);
        }
        let verifier = if roots.is_empty() {
            Verifier::new(Arc::clone(&provider))?
        } else {
            Verifier::new_with_extra_roots(roots, Arc::clone(&provider))?
        };
        Ok(Self { provider, verifier: Arc::new(verifier) })
    }

    /// The settings of encryption for requests.
    pub(crate) fn config(&self) -> Result<ClientConfig, Error> {
        self.config_with(Arc::clone(&self.verifier))
    }

    /// The same settings with another verifier around the system's.
    pub(crate) fn config_with(&self, verifier: Arc<dyn ServerCertVerifier>) -> Result<ClientConfig, Error> {
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider));
        let builder = builder.with_safe_default_protocol_versions()?;
        let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    pub(crate) fn verifier(&self) -> Arc<dyn ServerCertVerifier> {
        Arc::clone(&self.verifier)
    }
}
