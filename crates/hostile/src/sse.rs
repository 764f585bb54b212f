//! The parser of event streams: however the bytes are split, the same events come out, and nothing grows without bound.

use replug_mcp::{SseEvent, SseParser};

/// Everything that a parser says about a stream.
type Read = (Vec<SseEvent>, Option<String>, Option<std::time::Duration>);

/// The first byte says how the rest is split.
pub fn check(bytes: &[u8]) {
    let Some((first, stream)) = bytes.split_first() else { return };
    let whole = read([stream]);
    assert_eq!(read(stream.chunks(1)), whole, "byte by byte");
    assert_eq!(read(stream.chunks(usize::from(*first) + 1)), whole, "in pieces of {}", usize::from(*first) + 1);
    let middle = usize::from(*first) * stream.len() / 256;
    assert_eq!(read([&stream[..middle], &[], &stream[middle..]]), whole, "in two pieces with nothing between");
    let (events, last_id, _) = whole;
    assert!(events.iter().all(|event| !event.name.is_empty()), "an event without a name is a message");
    assert!(events.iter().all(|event| !event.name.contains(['\n', '\r'])), "a name is one line");
    assert!(last_id.is_none_or(|id| !id.contains(['\0', '\n', '\r'])), "an id is one line without null");
    // Replaced bytes grow to three.
    let kept: usize = events.iter().map(|event| event.data.len()).sum();
    assert!(kept <= 3 * stream.len(), "{kept} bytes of {}", stream.len());
}

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Read {
    let mut parser = SseParser::new();
    let mut events = Vec::new();
    for piece in pieces {
        events.extend(parser.push(piece).unwrap());
    }
    events.extend(parser.end());
    (events, parser.last_id().map(str::to_owned), parser.retry())
}
