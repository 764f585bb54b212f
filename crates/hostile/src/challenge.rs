//! The reader of `WWW-Authenticate`: bounds, and that what it read reads the same when it is written as the grammar has it.

use replug_oauth::{Challenge, bearer, parse_challenges};

/// One header line for each line of `bytes`.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.split('\n').collect();
    let challenges = parse_challenges(&lines);
    assert!(challenges.len() <= 16, "{} challenges", challenges.len());
    let kept: usize = challenges.iter().map(size).sum();
    assert!(kept <= 2 * 16 * 1024, "{kept} bytes kept");
    challenges.iter().for_each(check_one);
    check_bearer(&challenges);
    let written: Vec<String> = challenges.iter().map(write).collect();
    let written: Vec<&str> = written.iter().map(String::as_str).collect();
    if written.iter().map(|line| line.len()).sum::<usize>() <= 16 * 1024 {
        assert_eq!(parse_challenges(&written), challenges, "written by the grammar as {written:?}");
    }
}

fn size(challenge: &Challenge) -> usize {
    challenge.scheme.len() + challenge.params.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
}

fn check_one(challenge: &Challenge) {
    assert!(!challenge.scheme.is_empty() && !challenge.scheme.contains([' ', ',', '"', '=']), "{challenge:?}");
    assert!(challenge.params.len() <= 32, "{} parameters", challenge.params.len());
    for (index, (name, _)) in challenge.params.iter().enumerate() {
        assert_eq!(*name, name.to_ascii_lowercase());
        assert!(!name.is_empty() && challenge.params[..index].iter().all(|(other, _)| other != name), "{challenge:?}");
    }
}

fn check_bearer(challenges: &[Challenge]) {
    let has_one = challenges.iter().any(|challenge| challenge.is("bearer"));
    let Some(found) = bearer(challenges) else {
        assert!(!has_one, "a Bearer challenge was lost");
        return;
    };
    assert!(has_one);
    let values = [found.resource_metadata, found.scope, found.error, found.error_description];
    assert!(values.into_iter().flatten().all(|value| !value.trim().is_empty()), "what is empty is absent");
}

/// The challenge as RFC 9110 §11.6.1 writes it.
fn write(challenge: &Challenge) -> String {
    let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"");
    let param = |(name, value): &(String, String)| format!("{name}=\"{}\"", escaped(value));
    let params: Vec<String> = challenge.params.iter().map(param).collect();
    format!("{} {}", challenge.scheme, params.join(", "))
}
