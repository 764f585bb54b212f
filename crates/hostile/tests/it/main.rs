//! The checks as property tests: on the committed corpus of the fuzzer, and on seeded samples of what its pieces can be put
//! together to. Longer runs are `cargo xtask fuzz`'s.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has to stop where it stands")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use replug_hostile::CHECKS;

/// A sample takes at most this long.
const LONGEST: Duration = Duration::from_secs(4);

/// A failing input is shown up to here.
const LONGEST_SHOWN: usize = 2_000;

fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let files = fs::read_dir(&folder).unwrap_or_else(|_| panic!("{} is missing", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort_unstable();
    files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Words and what stands between them.
fn pieces(bytes: &[u8]) -> Vec<Vec<u8>> {
    let chunks = bytes.chunk_by(|a, b| a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric());
    chunks.map(<[u8]>::to_vec).collect()
}

/// Whole inputs with a part taken out and pieces of others put in its place.
fn inputs(name: &str) -> impl Strategy<Value = Vec<u8>> {
    let whole: Vec<Vec<u8>> = corpus(name).into_iter().map(|(_, bytes)| bytes).collect();
    let known: Vec<Vec<u8>> = whole.iter().flat_map(|bytes| pieces(bytes)).collect();
    let piece = prop_oneof![
        4 => prop::sample::select(known),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    let places = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    (prop::sample::select(whole), places, prop::collection::vec(piece, 0..12)).prop_map(|(bytes, (from, to), put)| {
        let (from, to) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
        [&bytes[..from], &put.concat(), &bytes[to..]].concat()
    })
}

/// Runs the check of that name on a sample that the seed decides.
fn holds_for_a_sample(name: &str, cases: u32) {
    let (_, check) = CHECKS.iter().find(|(found, _)| *found == name).unwrap();
    let seed = [u8::try_from(name.len()).unwrap(); 32];
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let begun = Instant::now();
    let outcome = runner.run(&inputs(name), |bytes| {
        if begun.elapsed() < LONGEST {
            check(&bytes);
        }
        Ok(())
    });
    if let Err(TestError::Fail(reason, bytes)) = &outcome {
        let shown: String = bytes.escape_ascii().to_string().chars().take(LONGEST_SHOWN).collect();
        panic!("{name}, seed {}: {reason}\nfor {} bytes: {shown}", seed[0], bytes.len());
    }
    outcome.unwrap();
}

#[test]
fn every_check_holds_for_its_corpus() {
    for (name, check) in CHECKS {
        let files = corpus(name);
        assert!(files.len() >= 5, "a corpus of {} files for {name}", files.len());
        for (path, bytes) in files {
            println!("{}", path.display());
            check(&bytes);
        }
    }
}

#[test]
fn challenges_are_bounded_and_read_the_same_when_written_again() {
    holds_for_a_sample("challenge", 10_000);
}

#[test]
fn events_are_the_same_however_their_bytes_are_split() {
    holds_for_a_sample("sse", 10_000);
}

#[test]
fn addresses_that_pass_keep_their_promises() {
    holds_for_a_sample("address", 10_000);
}

#[test]
fn metadata_that_is_accepted_belongs_to_whom_it_should() {
    holds_for_a_sample("metadata", 1_000);
}

#[test]
fn no_token_answer_ends_a_sign_in_without_a_word_of_the_service() {
    holds_for_a_sample("token", 2_000);
}

#[test]
fn no_request_gets_past_the_state_of_a_sign_in() {
    holds_for_a_sample("callback", 2_000);
}
