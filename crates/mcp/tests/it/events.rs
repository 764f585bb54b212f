//! The format of server-sent events, however the bytes are split.

use proptest::prelude::*;
use replug_mcp::{EventTooLarge, MAX_EVENT_BYTES, SseEvent, SseParser};
use std::time::Duration;

fn parse<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<SseEvent>, Option<String>) {
    let mut parser = SseParser::new();
    let mut events = Vec::new();
    for piece in pieces {
        events.extend(parser.push(piece).unwrap());
    }
    events.extend(parser.end());
    (events, parser.last_id().map(str::to_owned))
}

fn event(name: &str, data: &str) -> SseEvent {
    SseEvent { name: name.to_owned(), data: data.to_owned() }
}

#[test]
fn fields_are_read_as_the_standard_says() {
    let stream = "\u{feff}event: endpoint\r\n: comment\r\ndata:/m\r\n\r\nretry: 20\rdata:  a\rdata\rdata: b\r\rid: 7\nunknown: x\ndata: c\n\nevent: lost\n\nid: \0\ndata: d\n\n";
    let (events, last) = parse([stream.as_bytes()]);
    let expected = [event("endpoint", "/m"), event("message", " a\n\nb"), event("message", "c"), event("message", "d")];
    assert_eq!(events, expected);
    assert_eq!(last.as_deref(), Some("7"), "an id with a null character is ignored");
}

#[test]
fn an_event_without_its_empty_line_counts_at_the_end() {
    assert_eq!(parse([&b"data: x"[..]]).0, [event("message", "x")]);
    assert_eq!(parse([&b"data: x\n"[..]]).0, [event("message", "x")]);
    assert_eq!(parse([&b": only a comment"[..]]).0, []);
}

#[test]
fn the_wait_before_a_new_connection_is_remembered() {
    let mut parser = SseParser::new();
    parser.push(b"retry: 250\nretry: soon\n\n").unwrap();
    assert_eq!(parser.retry(), Some(Duration::from_millis(250)));
}

#[test]
fn an_event_that_is_too_large_is_refused_before_it_is_whole() {
    let mut parser = SseParser::new();
    let piece = vec![b'x'; 1024 * 1024];
    parser.push(b"data: ").unwrap();
    let taken = (0..32).take_while(|_| parser.push(&piece).is_ok()).count();
    assert_eq!(taken, MAX_EVENT_BYTES / piece.len() - 1, "the bound holds");
    assert_eq!(parser.push(&piece), Err(EventTooLarge));

    let mut parser = SseParser::new();
    let line = [b"data: ".as_slice(), &piece, b"\n"].concat();
    let taken = (0..32).take_while(|_| parser.push(&line).is_ok()).count();
    assert!(taken < 17, "many lines of one event count together: {taken}");
}

#[test]
fn a_long_id_costs_nothing_at_the_events_after_it() {
    let mut parser = SseParser::new();
    parser.push(&[b"id: ".as_slice(), &vec![b'x'; 4 * 1024 * 1024], b"\n\n"].concat()).unwrap();
    let begun = std::time::Instant::now();
    assert_eq!(parser.push(&vec![b'\n'; 100_000]), Ok(vec![]));
    assert!(begun.elapsed() < Duration::from_secs(5), "no copy for each of them: {:?}", begun.elapsed());
    assert_eq!(parser.last_id().map(str::len), Some(4 * 1024 * 1024), "and it is still the last one");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_split_gives_the_same_events(
        stream in "(\u{feff})?((data|event|id|retry|:|x)?(: ?)?[a-z0-9é\u{0}]{0,4}(\n|\r|\r\n)){0,30}[a-z:]{0,5}",
        cuts in proptest::collection::vec(0_usize..400, 0..20),
    ) {
        let bytes = stream.as_bytes();
        let whole = parse([bytes]);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        let mut from = 0;
        for cut in cuts {
            pieces.push(&bytes[from..cut]);
            from = cut;
        }
        pieces.push(&bytes[from..]);
        prop_assert_eq!(parse(pieces), whole.clone());
        prop_assert_eq!(parse(bytes.chunks(1)), whole);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        parse([bytes.as_slice()]);
    }
}
