//! What a server's certificate says about itself, for people: names, issuers, and its end. Whether it is to be believed is the
//! verifier's to say.

use jiff::Timestamp;
use replug_core::sanitize;
use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::x509::X509Name;

/// How many of a certificate's names are kept.
const NAMES: usize = 4;
/// The longest name, in characters.
const LONGEST: usize = 120;

/// A certificate chain as a server sent it, believed or not (RFC 5280 §4.1). Every text is cleaned and bounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCertificate {
    /// Whom the server's own certificate is for: its subject, or its first name when the subject is empty.
    pub subject: String,
    /// The names it is valid for (RFC 5280 §4.2.1.6), the first few; addresses by number are left out.
    pub names: Vec<String>,
    /// Who issued it.
    pub issuer: String,
    /// Who issued the last certificate that was sent: the authority at the top, as far as the server shows it.
    pub top_issuer: String,
    /// When it begins to be valid.
    pub not_before: Timestamp,
    /// When it ends.
    pub not_after: Timestamp,
    /// Whether it is its own issuer, so that nobody vouches for it.
    pub self_signed: bool,
}

impl ShownCertificate {
    /// Reads a chain, the server's own certificate first; `None` when that one cannot be read.
    pub(crate) fn read(leaf: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(leaf).ok()?;
        let top = others.last().and_then(|top| X509Certificate::from_der(top).ok());
        let names = names_of(&certificate);
        let issuer = words(certificate.issuer());
        Some(Self {
            subject: Some(words(certificate.subject()))
                .filter(|subject| !subject.is_empty())
                .or_else(|| names.first().cloned())?,
            names,
            top_issuer: top.map_or_else(|| issuer.clone(), |(_, top)| words(top.issuer())),
            issuer,
            not_before: Timestamp::from_second(certificate.validity().not_before.timestamp()).ok()?,
            not_after: Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()?,
            self_signed: certificate.issuer() == certificate.subject(),
        })
    }
}

/// The common name, else the organisation, else the whole name as it is written.
fn words(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().chain(name.iter_organization()).find_map(|part| part.as_str().ok());
    sanitize(&common.map_or_else(|| name.to_string(), str::to_owned), LONGEST)
}

fn names_of(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(sanitize(name, LONGEST)),
        _ => None,
    };
    names.value.general_names.iter().filter_map(name).take(NAMES).collect()
}
