//! A value that must not be printed, logged or serialised. Where secrets are kept is not decided here.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// A secret value: wiped when dropped, redacted in `Debug`, and without `Display`, `Serialize` or `Clone`.
///
/// The only way out is [`Secret::expose`], so that every use can be found by that name.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes a value into custody.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Whoever calls this must hand it to the keychain, to the wire, or to nobody.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// Derives another secret without leaving custody.
    pub fn map<U: Zeroize>(&self, derive: impl FnOnce(&T) -> U) -> Secret<U> {
        Secret(derive(&self.0))
    }
}

impl<T: Zeroize + Clone> Secret<T> {
    /// A second copy, made on purpose: each copy is one more place in memory.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }
}

impl Secret<String> {
    /// Whether both texts are the same, in time that does not depend on where they differ.
    pub fn matches(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_never_holds_the_value() {
        let secret = Secret::new("canary-value".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(hidden)", "only the type is printed");
    }

    #[test]
    fn a_secret_matches_only_the_same_text() {
        let secret = Secret::new("abc".to_owned());
        assert!(secret.matches("abc"), "the same text matches");
        assert!(!secret.matches("abd") && !secret.matches("ab"), "another text does not");
    }
}
