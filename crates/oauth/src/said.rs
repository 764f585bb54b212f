//! The other side's own words, made fit to keep: values that were sent to it are taken out, because services echo them.
//! Length and characters are bounded by [`Failure::with_said`](replug_core::Failure::with_said).

use url::form_urlencoded::byte_serialize;

/// Shorter values are no secrets, and taking them out would garble the words around them.
const SHORTEST: usize = 6;

/// Takes every one of `secrets` out of `said`, in plain and in form-encoded spelling (T09).
pub(crate) fn without_secrets(said: &str, secrets: &[&str]) -> String {
    let mut clean = said.to_owned();
    for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST) {
        clean = clean.replace(*secret, "…");
        let encoded: String = byte_serialize(secret.as_bytes()).collect();
        clean = clean.replace(&encoded, "…");
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_not_kept_when_it_comes_back() {
        let said = without_secrets("bad code ca/nary1 and ca%2Fnary1, really", &["ca/nary1", "ad"]);
        assert_eq!(said, "bad code … and …, really");
    }
}
