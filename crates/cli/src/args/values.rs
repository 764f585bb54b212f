//! How single values are spelt: durations, parameters, folders. The sentences never quote what was typed.

use std::path::PathBuf;
use std::time::Duration;

/// A folder; a path that is empty is refused, for it would mean wherever the program was started.
pub(super) fn folder(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("expected a folder".to_owned()) } else { Ok(PathBuf::from(text)) }
}

/// How long to wait: a duration that is not nothing.
pub(super) fn waiting_time(text: &str) -> Result<Duration, String> {
    duration(text).filter(|time| !time.is_zero()).ok_or_else(|| "expected a duration such as 90s or 10m".to_owned())
}

/// Seconds between checks; 0 (or nothing) leaves it to the application.
pub(super) fn interval_s(text: &str) -> Result<u32, String> {
    if text.is_empty() {
        return Ok(0);
    }
    let seconds = duration(text).and_then(|time| u32::try_from(time.as_secs()).ok());
    seconds.ok_or_else(|| "expected a duration such as 15m or 2h, or 0".to_owned())
}

/// A port; 0 (or nothing) leaves it to Replug.
pub(super) fn port(text: &str) -> Result<u16, String> {
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| "expected a number up to 65535".to_owned())
}

/// A whole number of seconds, minutes, hours or days; seconds when no unit is named.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|character: char| !character.is_ascii_digit());
    let each: u64 = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    // A sign is no digit, and `parse` would take one.
    let only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    let count: u64 = digits.parse().ok().filter(|_| only_digits)?;
    count.checked_mul(each).map(Duration::from_secs)
}

/// An extra parameter of the authorization request; `None` for an empty text, which clears the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Param(pub(super) Option<(String, String)>);

/// Reads `NAME=VALUE`.
pub(super) fn param(text: &str) -> Result<Param, String> {
    if text.is_empty() {
        return Ok(Param(None));
    }
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok(Param(Some((name.to_owned(), value.to_owned())))),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

/// A permission for this connector; `None` for an empty text, which clears the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Allowed(pub(super) Option<replug_core::Allow>);

/// Reads one of the words of [`replug_core::Allow`].
pub(super) fn allowed(text: &str) -> Result<Allowed, String> {
    if text.is_empty() { Ok(Allowed(None)) } else { text.parse().map(|allow| Allowed(Some(allow))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_numbers_with_a_unit() {
        for (text, seconds) in [("30s", 30), ("15m", 900), ("2h", 7_200), ("1d", 86_400), ("0", 0), ("90", 90), ("", 0)]
        {
            assert_eq!(interval_s(text), Ok(seconds), "{text}");
        }
        for text in ["m", "1.5h", "-1m", "+1m", "10 m", "10min", "1h30m", "99999999999d", "200000d"] {
            assert!(interval_s(text).is_err(), "{text}");
        }
    }

    #[test]
    fn waiting_for_nothing_is_refused() {
        assert_eq!(waiting_time("10m"), Ok(Duration::from_mins(10)));
        assert!(waiting_time("0").is_err() && waiting_time("").is_err());
    }

    #[test]
    fn a_parameter_has_a_name_and_perhaps_an_empty_value() {
        let pair = |name: &str, value: &str| Ok(Param(Some((name.to_owned(), value.to_owned()))));
        assert_eq!(param("audience=a=b"), pair("audience", "a=b"));
        assert_eq!(param("prompt="), pair("prompt", ""));
        assert_eq!(param(""), Ok(Param(None)), "clears the list");
        assert!(param("audience").is_err() && param("=x").is_err());
    }

    #[test]
    fn a_port_is_a_number_or_left_to_replug() {
        assert_eq!((port("8123"), port(""), port("0")), (Ok(8123), Ok(0), Ok(0)));
        assert!(port("65536").is_err() && port("-1").is_err());
    }
}
