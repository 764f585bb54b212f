//! When a token is renewed: the part of its life that is left, the spread between connectors, and clocks that were set.
//! Pure; how it is renewed is in the parent.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use replug_core::{Code, Connector, Credentials, Failure, Secret, Tokens};
use sha2::{Digest, Sha256};

use super::Need;

/// Tokens are renewed when this part of their life is left: a fifth. For a token that lasts five minutes that is a minute;
/// one that lasts longer has more.
const MARGIN: i32 = 5;
/// By how much of a token's life a renewal is brought forward at most, so that sign-ins of one hour do not all end in one.
const SPREAD: i32 = 20;
/// How far a clock goes astray without having been set.
const DRIFT: SignedDuration = SignedDuration::from_mins(1);

/// Whether a renewal is due. Fails when the token has ended and there is nothing to renew it with.
pub(super) fn wants_renewal(
    record: &Credentials,
    connector: &Connector,
    need: Need,
    now: Timestamp,
) -> Result<bool, Failure> {
    let Some(tokens) = record.tokens.as_ref().filter(|tokens| tokens.address == connector.address.base().as_str())
    else {
        return Ok(false);
    };
    let refused = matches!(need, Need::Refused { generation } if generation == record.generation);
    match (tokens.is_renewable(), has_ended(record, now)) {
        (true, _) => Ok(refused || is_due(tokens, now)),
        (false, true) => Err(Failure::new(Code::TokenExpired)),
        (false, false) => Ok(false),
    }
}

/// Whether the access token has ended, as far as its service said.
pub(super) fn has_ended(record: &Credentials, now: Timestamp) -> bool {
    record.tokens.as_ref().and_then(|tokens| tokens.expires_at).is_some_and(|end| end <= now)
}

/// Whether so little of a token's life is left that it is renewed ahead of time: between a quarter and a fifth, depending on
/// the token itself, which is random. So every process has the same moment for a connector, and other connectors another.
///
/// Obtained and ended are counted by this computer's clock alone, so a clock that is wrong and stays wrong changes nothing.
/// One that was set back since shows a token from the future, whose age nobody knows: it is renewed, once, because the new one
/// is counted by the new time. One that was set forward makes a token look older, and costs one renewal too.
fn is_due(tokens: &Tokens, now: Timestamp) -> bool {
    let Some(end) = tokens.expires_at else {
        return false;
    };
    let (age, left) = (now.duration_since(tokens.obtained_at), end.duration_since(now));
    let life = end.duration_since(tokens.obtained_at).max(SignedDuration::ZERO);
    let ahead = life / SPREAD * i32::from(digest(&tokens.access)[31]) / i32::from(u8::MAX);
    left <= life / MARGIN + ahead || age < -DRIFT
}

/// Tells one refresh token from another without being one.
pub(super) fn fingerprint(token: &Secret<String>) -> String {
    URL_SAFE_NO_PAD.encode(&digest(token)[..8])
}

fn digest(token: &Secret<String>) -> [u8; 32] {
    Sha256::digest(token.expose().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use replug_core::GrantType;

    use super::*;

    const BEGUN: &str = "2026-11-20T08:00:00Z";

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    fn tokens(ends: Option<&str>) -> Tokens {
        Tokens {
            access: secret("a"),
            refresh: None,
            expires_at: ends.map(|ends| ends.parse().unwrap()),
            obtained_at: BEGUN.parse().unwrap(),
            grant: GrantType::AuthorizationCode,
            scopes: Vec::new(),
            issuer: "https://auth.example".into(),
            token_endpoint: "https://auth.example/token".into(),
            revocation_endpoint: None,
            resource: None,
            address: "https://mcp.example/mcp".into(),
        }
    }

    /// The first second of its life at which a token that lasts `life` seconds is renewed.
    fn renewed_after(life: i64, access: &str) -> i64 {
        let begun: Timestamp = BEGUN.parse().unwrap();
        let after = |seconds| begun + SignedDuration::from_secs(seconds);
        let token = Tokens { access: secret(access), expires_at: Some(after(life)), ..tokens(None) };
        (0..=life).find(|seconds| is_due(&token, after(*seconds))).unwrap()
    }

    #[test]
    fn a_token_is_renewed_between_three_quarters_and_four_fifths_of_its_life() {
        let moments: Vec<i64> = (0..200).map(|number| renewed_after(3600, &format!("access-{number}"))).collect();
        assert!(moments.iter().all(|moment| (2700..=2880).contains(moment)), "{moments:?}");
        let busiest = (2700..2880).map(|at| moments.iter().filter(|moment| **moment / 10 == at / 10).count()).max();
        assert!(busiest.unwrap() < 40, "they are spread: {moments:?}");
        assert_eq!(renewed_after(3600, "access-1"), renewed_after(3600, "access-1"), "in every process the same");
    }

    #[test]
    fn a_token_of_more_than_five_minutes_is_renewed_at_least_a_minute_before_its_end() {
        for life in [300, 301, 600, 86_400] {
            assert!((0..20).all(|number| renewed_after(life, &format!("{number}")) <= life - 60), "{life} s");
        }
        assert!(renewed_after(10, "r") >= 7, "and a short one not at once");
    }

    #[test]
    fn a_token_without_an_end_is_not_renewed_ahead_of_time_and_one_that_ended_is() {
        let later = "2027-11-20T08:00:00Z".parse().unwrap();
        assert!(!is_due(&tokens(None), later));
        assert!(is_due(&tokens(Some("2026-11-20T09:00:00Z")), later));
    }

    #[test]
    fn a_token_from_the_future_is_renewed_because_the_clock_was_set_back() {
        let token = tokens(Some("2026-11-20T09:00:00Z"));
        for (now, due) in
            [("2026-11-20T07:59:10Z", false), ("2026-11-20T07:50:00Z", true), ("2026-11-19T08:01:00Z", true)]
        {
            assert_eq!(is_due(&token, now.parse().unwrap()), due, "{now}");
        }
    }

    #[test]
    fn a_fingerprint_tells_tokens_apart_and_holds_none() {
        let (one, two) = (secret("canary-one"), secret("canary-two"));
        assert_ne!(fingerprint(&one), fingerprint(&two));
        assert!(!fingerprint(&one).contains("canary"));
    }
}
