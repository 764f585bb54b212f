//! Why no answer came. Answers that came, however strange, are not errors here.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use replug_core::{AddressClass, Code, Failure};
use tower_service::Service;

use crate::resolver::ResolveError;

/// Why a proxy makes no tunnel (RFC 9110 §9.3.6). hyper-util names the type only as that of its connector's failures.
type TunnelError = <Tunnel<HttpConnector> as Service<Uri>>::Error;

/// What was being waited for when time ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeoutPhase {
    /// The connection.
    Connect,
    /// The answer, or the rest of it.
    Answer,
}

/// What is wrong with the encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFault {
    /// The certificate has ended.
    Expired,
    /// The certificate begins later.
    NotYetValid,
    /// The certificate is for other names.
    WrongName,
    /// The chain ends in an issuer that this computer does not know.
    UnknownIssuer,
    /// Anything else about the certificate.
    Certificate,
    /// What came is no TLS at all.
    NotTls,
    /// The other side broke the handshake off: by an alert (RFC 8446 §6.2), or by closing the connection.
    Refused,
    /// Anything else that kept the two sides from agreeing. Who is to blame is not known.
    Failed,
}

impl TlsFault {
    const fn code(self) -> Code {
        match self {
            Self::Expired | Self::NotYetValid | Self::WrongName | Self::Certificate => Code::TlsInvalid,
            Self::UnknownIssuer => Code::TlsIntercepted,
            Self::NotTls | Self::Refused | Self::Failed => Code::TlsHandshake,
        }
    }

    /// The sentence, where the code's own is not exact enough.
    const fn words(self) -> Option<&'static str> {
        match self {
            Self::Expired => Some("The server's certificate has ended."),
            Self::NotYetValid => Some("The server's certificate is not valid yet, or this computer's clock is wrong."),
            Self::WrongName => Some("The server's certificate is for another name."),
            Self::NotTls => Some("What answers at this port is not encrypted."),
            Self::Refused => Some("The server breaks the encrypted connection off before it begins."),
            Self::Failed => Some("No encrypted connection to the server could be made."),
            Self::UnknownIssuer | Self::Certificate => None,
        }
    }
}

/// Why a request got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// The address belongs to a network that may not be reached from here.
    #[error("`{host}` is an address that may not be contacted")]
    AddressRefused {
        /// The host.
        host: String,
        /// Its class.
        class: AddressClass,
    },
    /// The name cannot be resolved.
    #[error("the name `{host}` is unknown")]
    NameUnknown {
        /// The host.
        host: String,
    },
    /// The proxy on the way wants to know who asks (RFC 9110 §15.5.8), or does not accept what it was told.
    #[error("the proxy wants a sign-in of its own")]
    ProxySignIn,
    /// Nobody accepts the connection.
    #[error("no connection to `{host}`")]
    Unreachable {
        /// The host with its port.
        host: String,
    },
    /// Time ran out.
    #[error("no answer within {limit:?}")]
    Timeout {
        /// What was being waited for.
        phase: TimeoutPhase,
        /// The bound.
        limit: Duration,
    },
    /// The certificate is not valid, or encryption failed, before anything was sent. The text is rustls' own.
    #[error("encryption failed: {reason}")]
    Tls {
        /// What rustls says.
        reason: String,
        /// What is wrong.
        fault: TlsFault,
    },
    /// The connection ended in the middle, or its encryption failed there: the request may have arrived.
    #[error("the connection broke off")]
    Interrupted,
    /// The answer is larger than accepted.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The bound in bytes.
        limit: usize,
    },
    /// The request itself cannot be sent.
    #[error("the request cannot be sent: {0}")]
    Invalid(String),
}

impl NetError {
    /// The code that names this error.
    pub const fn code(&self) -> Code {
        match self {
            Self::AddressRefused { .. } => Code::NetAddressRefused,
            Self::NameUnknown { .. } => Code::NetNameUnknown,
            Self::ProxySignIn => Code::NetProxySignIn,
            Self::Unreachable { .. } => Code::NetUnreachable,
            Self::Timeout { .. } => Code::NetTimeout,
            Self::Tls { fault, .. } => fault.code(),
            Self::Interrupted => Code::NetInterrupted,
            Self::TooLarge { .. } => Code::HttpTooLarge,
            Self::Invalid(_) => Code::UseAddressInvalid,
        }
    }

    /// Whether the request surely never reached the other side, so that repeating it is safe.
    pub const fn never_sent(&self) -> bool {
        match self {
            Self::AddressRefused { .. }
            | Self::NameUnknown { .. }
            | Self::ProxySignIn
            | Self::Unreachable { .. }
            | Self::Tls { .. } => true,
            Self::Timeout { phase, .. } => matches!(phase, TimeoutPhase::Connect),
            Self::Interrupted | Self::TooLarge { .. } | Self::Invalid(_) => false,
        }
    }

    /// Reads why a handshake failed that was made by itself.
    pub(crate) fn from_handshake(error: &io::Error) -> Self {
        let silent = || {
            let closed = error.kind() == io::ErrorKind::UnexpectedEof;
            let fault = if closed { TlsFault::Refused } else { TlsFault::Failed };
            Self::Tls { reason: error.kind().to_string(), fault }
        };
        error.get_ref().and_then(|inner| inner.downcast_ref()).map_or_else(silent, from_tls)
    }

    /// Reads reqwest's chain of causes by type, never by its words.
    pub(crate) fn from_reqwest(error: &reqwest::Error, host: &str, limit: Duration) -> Self {
        let host = host.to_owned();
        if error.is_builder() {
            return Self::Invalid("its parts do not form a request".to_owned());
        }
        let mut cause = error.source();
        while let Some(current) = cause {
            match from_cause(current, &host) {
                // An alert after the handshake, as servers send one that want a certificate (RFC 8446 §6.2).
                Some(Self::Tls { .. }) if !error.is_connect() => return Self::Interrupted,
                Some(found) => return found,
                None => {}
            }
            cause = current.source();
        }
        match (error.is_timeout(), error.is_connect()) {
            (true, true) => Self::Timeout { phase: TimeoutPhase::Connect, limit },
            (true, false) => Self::Timeout { phase: TimeoutPhase::Answer, limit },
            (false, true) => Self::Unreachable { host },
            (false, false) => Self::Interrupted,
        }
    }
}

fn from_cause(cause: &(dyn std::error::Error + 'static), host: &str) -> Option<NetError> {
    if let Some(resolve) = cause.downcast_ref::<ResolveError>() {
        let host = host.to_owned();
        return Some(match resolve {
            ResolveError::Unknown => NetError::NameUnknown { host },
            ResolveError::Refused(class) => NetError::AddressRefused { host, class: *class },
        });
    }
    if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
        return Some(from_tls(tls));
    }
    if matches!(cause.downcast_ref(), Some(TunnelError::ProxyAuthRequired)) {
        return Some(NetError::ProxySignIn);
    }
    // An io::Error hides its inner error from `source()`, so it is opened here.
    let inner = cause.downcast_ref::<io::Error>()?.get_ref()?;
    from_cause(inner, host)
}

fn from_tls(error: &rustls::Error) -> NetError {
    let fault = fault_of(error);
    let plain = match fault {
        // rustls adds seconds since 1970, which tell nobody anything.
        TlsFault::Expired => rustls::CertificateError::Expired.into(),
        TlsFault::NotYetValid => rustls::CertificateError::NotValidYet.into(),
        _ => error.clone(),
    };
    NetError::Tls { reason: replug_core::sanitize(&plain.to_string(), 200), fault }
}

fn fault_of(error: &rustls::Error) -> TlsFault {
    use rustls::CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext,
        UnknownIssuer,
    };
    use rustls::InvalidMessage::{InvalidContentType, UnknownProtocolVersion};
    match error {
        rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. }) => TlsFault::Expired,
        rustls::Error::InvalidCertificate(NotValidYet | NotValidYetContext { .. }) => TlsFault::NotYetValid,
        rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }) => TlsFault::WrongName,
        rustls::Error::InvalidCertificate(UnknownIssuer) => TlsFault::UnknownIssuer,
        rustls::Error::InvalidCertificate(_) => TlsFault::Certificate,
        rustls::Error::InvalidMessage(InvalidContentType | UnknownProtocolVersion) => TlsFault::NotTls,
        rustls::Error::AlertReceived(_) => TlsFault::Refused,
        _ => TlsFault::Failed,
    }
}

impl From<NetError> for Failure {
    fn from(error: NetError) -> Self {
        let mut failure = Self::new(error.code());
        if let NetError::Tls { fault, .. } = &error
            && let Some(words) = fault.words()
        {
            failure = failure.with_text(words);
        }
        match error {
            NetError::AddressRefused { host, class } => {
                failure.with_fact("Host", host).with_fact("Kind of address", format!("{class:?}"))
            }
            NetError::NameUnknown { host } | NetError::Unreachable { host } => failure.with_fact("Host", host),
            NetError::Timeout { limit, .. } => failure.with_fact("Waited", format!("{} s", limit.as_secs())),
            NetError::TooLarge { limit } => failure.with_fact("Accepted", format!("{} KiB", limit / 1024)),
            NetError::Interrupted | NetError::ProxySignIn => failure,
            NetError::Tls { reason, .. } | NetError::Invalid(reason) => failure.with_fact("Reason", reason),
        }
    }
}
