//! Challenges as servers write them, by the grammar and beside it.

use proptest::prelude::*;
use replug_oauth::{BearerChallenge, Challenge, bearer, has_scheme, parse_challenges};

/// `Scheme name=value|name=value`, one for each challenge.
fn shown(lines: &[&str]) -> Vec<String> {
    let show = |challenge: Challenge| {
        let params: Vec<String> = challenge.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{} {}", challenge.scheme, params.join("|")).trim_end().to_owned()
    };
    parse_challenges(lines).into_iter().map(show).collect()
}

#[test]
fn challenges_by_the_grammar_are_read_by_the_grammar() {
    for (line, expected) in [
        ("Bearer", vec!["Bearer"]),
        ("Bearer, Basic", vec!["Bearer", "Basic"]),
        (
            r#"Basic realm="a, b=\"c\"", Bearer realm="x", scope="a b""#,
            vec![r#"Basic realm=a, b="c""#, "Bearer realm=x|scope=a b"],
        ),
        ("Negotiate YWJj/+==, bearer error=invalid_token", vec!["Negotiate", "bearer error=invalid_token"]),
        (
            r#"Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple""#,
            vec![r#"Newauth realm=apps|type=1|title=Login to "apps""#, "Basic realm=simple"],
        ),
        (" , ,Bearer  realm = x ,, ", vec!["Bearer realm=x"]),
    ] {
        assert_eq!(shown(&[line]), expected, "{line}");
    }
}

#[test]
fn what_servers_write_beside_the_grammar_is_read_as_it_is_meant() {
    for (line, expected) in [
        (
            "Bearer resource_metadata=https://h.example/.well-known/oauth-protected-resource?a=b&c=d, error=x",
            vec!["Bearer resource_metadata=https://h.example/.well-known/oauth-protected-resource?a=b&c=d|error=x"],
        ),
        (
            r#"Bearer realm="x" error="invalid_token" resource_metadata="https://h.example/""#,
            vec!["Bearer realm=x|error=invalid_token|resource_metadata=https://h.example/"],
        ),
        (r#"Bearer realm="x"; error="invalid_token""#, vec!["Bearer realm=x|error=invalid_token"]),
        (r#"Basic realm="x" Bearer error=y"#, vec!["Basic realm=x", "Bearer error=y"]),
        (
            "Bearer scope=files:read files:write mcp, error=insufficient_scope",
            vec!["Bearer scope=files:read files:write mcp|error=insufficient_scope"],
        ),
        ("Bearer scope=read Basic realm=x", vec!["Bearer scope=read", "Basic realm=x"]),
        (r#"Bearer realm="never closed"#, vec!["Bearer realm=never closed"]),
        (r#""Bearer realm=x" =, DPoP algs=ES256"#, vec!["DPoP algs=ES256"]),
        ("", vec![]),
    ] {
        assert_eq!(shown(&[line]), expected, "{line}");
    }
}

#[test]
fn a_scheme_is_never_found_inside_other_text() {
    let challenges = parse_challenges(&[r#"Custom hint="use Bearer resource_metadata=https://evil.example/""#]);
    assert_eq!(bearer(&challenges), None, "a value is no scheme");
    assert!(!has_scheme(&parse_challenges(&["XBasic realm=x"]), "Basic"), "a longer word is another scheme");
    assert!(has_scheme(&parse_challenges(&["bAsIc realm=x"]), "Basic"), "case does not matter");
}

#[test]
fn the_bearer_challenge_with_metadata_wins_and_empty_parameters_are_absent() {
    let lines = [
        r#"Bearer realm="x", scope="""#,
        r#"Bearer resource_metadata="https://h.example/prm", scope="a b", error="" , error_description="why""#,
    ];
    assert_eq!(
        bearer(&parse_challenges(&lines)),
        Some(BearerChallenge {
            resource_metadata: Some("https://h.example/prm".into()),
            scope: Some("a b".into()),
            error: None,
            error_description: Some("why".into()),
        })
    );
    assert_eq!(bearer(&parse_challenges(&lines[..1])), Some(BearerChallenge::default()), "a bare one counts too");
}

#[test]
fn of_a_name_given_twice_the_first_counts() {
    assert_eq!(shown(&[r#"Bearer scope="a", SCOPE="b""#]), vec!["Bearer scope=a"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_line_is_read_within_bounds(lines in proptest::collection::vec("(Bearer|Basic|[a-z]{1,3}|[ ,;=\"\\\\:/é]|.){0,60}", 0..4)) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let challenges = parse_challenges(&lines);
        prop_assert!(challenges.len() <= 16);
        prop_assert!(challenges.iter().all(|challenge| challenge.params.len() <= 32 && !challenge.scheme.is_empty()));
    }

    #[test]
    fn what_a_strict_parser_accepts_is_read_alike(
        line in "(Bearer|Basic|New)( [a-c]{1,2}=([a-z]{1,3}|\"[ -!#-\\[\\]-~]{0,6}\")(, ?[d-f]{1,2}=\"?[a-z]{1,3}\"?){0,3})?(, ?(Bearer|Basic|Digest)( [g-i]=[a-z]{1,3})?){0,2}",
    ) {
        if let Ok(strict) = http_auth::parse_challenges(&line) {
            let ours = parse_challenges(&[&line]);
            let schemes: Vec<&str> = ours.iter().map(|challenge| challenge.scheme.as_str()).collect();
            prop_assert_eq!(schemes, strict.iter().map(|challenge| challenge.scheme).collect::<Vec<_>>(), "{}", line);
            for (ours, strict) in ours.iter().zip(&strict) {
                for (name, value) in &strict.params {
                    let first = strict.params.iter().find(|(other, _)| other == name);
                    prop_assert_eq!(first.map(|(_, value)| value.to_unescaped()), ours.params.iter()
                        .find(|(other, _)| other == name).map(|(_, value)| value.clone()), "{} in {} ({:?})", name, line, value);
                }
            }
        }
    }

    #[test]
    fn a_well_formed_challenge_reads_back(
        params in proptest::collection::btree_map("[a-z_]{1,12}", "[ -~]{0,40}", 1..8),
    ) {
        let written: Vec<String> = params
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")))
            .collect();
        let line = format!("Bearer {}", written.join(", "));
        let challenges = parse_challenges(&[&line, "Basic realm=x"]);
        prop_assert_eq!(challenges.len(), 2);
        prop_assert_eq!(&challenges[0].params, &params.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn an_enormous_header_is_cut_and_not_refused() {
    let many = "Bearer a=1, ".repeat(10_000);
    assert_eq!(parse_challenges(&[&many]).len(), 16, "no more than are kept");
    let long = format!("Bearer realm=\"{}\"", "é".repeat(20_000));
    assert!(shown(&[&long])[0].len() <= 16 * 1024, "no more than is read, cut between characters");
}
