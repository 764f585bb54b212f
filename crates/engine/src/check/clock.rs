//! Whether this computer's clock is wrong: judged by the time that servers named (RFC 9110 §6.6.1) in answers a check got anyway.
//! Nothing is asked for it, and which tokens are renewed does not depend on it.

use jiff::{SignedDuration, Timestamp};
use replug_core::{Code, Exchange, Failure, Step};
use replug_net::{TlsFault, http_date};
use url::{Origin, Position, Url};

use super::verdict::Conclusion;
use crate::view::time;

/// How far a clock may be off without being called wrong.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// A clock that is wrong, and what that explains.
#[derive(Debug)]
pub(super) struct WrongClock {
    finding: Failure,
    /// Whether a certificate that seems to have ended, or not to have begun, is no wonder with this clock.
    explains_certificate: bool,
}

/// What a server says about the time.
struct Witness {
    origin: Origin,
    /// The host, with its port when it is an unusual one.
    host: String,
    says: Timestamp,
    /// By how much this computer's clock is ahead of it; negative when it is behind.
    ahead: SignedDuration,
}

impl WrongClock {
    /// Judges the clock by the answers of a climb, which went on from one time to the other by that clock. `certificate` is
    /// what was wrong with the server's.
    ///
    /// One server whose own clock is wrong proves nothing: all that were asked have to agree, and they have to be two, or one
    /// that encryption vouches for, or one whose word the certificate bears out.
    pub(super) fn seen(steps: &[Step], during: (Timestamp, Timestamp), certificate: Option<TlsFault>) -> Option<Self> {
        let witnesses = witnesses(steps, during);
        let ahead = witnesses.first()?.ahead;
        let agree = |one: &Witness| one.ahead.abs() >= TOLERANCE && (one.ahead - ahead).abs() < TOLERANCE;
        let explains_certificate = match certificate {
            Some(TlsFault::Expired) => ahead.is_positive(),
            Some(TlsFault::NotYetValid) => ahead.is_negative(),
            _ => false,
        };
        let vouched_for = witnesses.len() > 1 || witnesses[0].is_encrypted() || explains_certificate;
        if !vouched_for || !witnesses.iter().all(agree) {
            return None;
        }
        let finding =
            Failure::new(Code::LocalClock).with_fact("Off by", words(ahead)).with_fact("Here", time(during.1));
        let told = |finding: Failure, one: &Witness| finding.with_fact(&format!("At {}", one.host), time(one.says));
        Some(Self { finding: witnesses.iter().fold(finding, told), explains_certificate })
    }

    /// Takes the blame for a certificate that only seems wrong; else it is one more thing to know.
    pub(super) fn explain(self, conclusion: Conclusion, notes: &mut Vec<Failure>) -> Conclusion {
        match conclusion {
            Conclusion::Stopped(failure) if self.explains_certificate && failure.code == Code::TlsInvalid => {
                notes.push(failure);
                Conclusion::Stopped(self.finding)
            }
            other => {
                notes.push(self.finding);
                other
            }
        }
    }
}

impl Witness {
    fn of(exchange: &Exchange, (began, ended): (Timestamp, Timestamp)) -> Option<Self> {
        let url = Url::parse(&exchange.url).ok()?;
        let date = exchange.response_headers.iter().find(|line| line.name == "date");
        let says = http_date(date?.value.as_deref()?)?;
        // It was said some time during the climb, in which the computer may even have slept.
        let ahead = if says < began {
            began.duration_since(says)
        } else if says > ended {
            ended.duration_since(says)
        } else {
            SignedDuration::ZERO
        };
        let host = url[Position::BeforeHost..Position::AfterPort].to_owned();
        Some(Self { host, origin: url.origin(), says, ahead })
    }

    fn is_encrypted(&self) -> bool {
        matches!(&self.origin, Origin::Tuple(scheme, ..) if scheme == "https")
    }
}

/// The first word of each server. Only answers to POST count: others may come from a cache, with the time they were put there.
fn witnesses(steps: &[Step], during: (Timestamp, Timestamp)) -> Vec<Witness> {
    let mut witnesses: Vec<Witness> = Vec::new();
    let exchanges = steps.iter().flat_map(|step| &step.exchanges).filter(|exchange| exchange.method == "POST");
    for witness in exchanges.filter_map(|exchange| Witness::of(exchange, during)) {
        if witnesses.iter().all(|known| known.origin != witness.origin) {
            witnesses.push(witness);
        }
    }
    witnesses
}

/// "12 min ahead", "3 h behind", "40 d ahead".
fn words(ahead: SignedDuration) -> String {
    let direction = if ahead.is_positive() { "ahead" } else { "behind" };
    // Dates have whole seconds: without rounding, three hours would often be two.
    let minutes = (ahead.abs().as_secs() + 30) / 60;
    match minutes {
        ..120 => format!("{minutes} min {direction}"),
        120..2_880 => format!("{} h {direction}", minutes / 60),
        _ => format!("{} d {direction}", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use replug_core::{BodyShape, HeaderLine, Outcome, Rung};

    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-20T{text}:00Z").parse().unwrap()
    }

    /// Answers to POST, each with its address and the time it names on that day.
    fn steps(answers: &[(&str, &str)]) -> Vec<Step> {
        let exchange = |(url, date): &(&str, &str)| Exchange {
            method: "POST".to_owned(),
            url: (*url).to_owned(),
            status: Some(200),
            request_headers: Vec::new(),
            response_headers: vec![HeaderLine {
                name: "date".to_owned(),
                value: Some(format!("Fri, 20 Nov 2026 {date}:00 GMT")),
            }],
            request_bytes: 0,
            response_bytes: 0,
            body_shape: BodyShape::Empty,
            duration_ms: 1,
            error: None,
        };
        vec![Step {
            rung: Rung::Http,
            outcome: Outcome::Ok,
            started_ms: 0,
            duration_ms: 1,
            code: None,
            text: String::new(),
            exchanges: answers.iter().map(exchange).collect(),
        }]
    }

    fn seen(answers: &[(&str, &str)], certificate: Option<TlsFault>) -> Option<WrongClock> {
        WrongClock::seen(&steps(answers), (at("12:00"), at("12:01")), certificate)
    }

    const SERVER: &str = "https://mcp.example/mcp";
    const PLAIN: &str = "http://mcp.example/mcp";
    const SERVICE: &str = "http://auth.example/token";

    #[test]
    fn one_odd_server_proves_nothing_and_two_that_agree_do() {
        for (answers, is_wrong) in [
            (&[(PLAIN, "11:00")][..], false),
            (&[(PLAIN, "11:00"), (PLAIN, "11:00")], false),
            (&[(PLAIN, "11:00"), (SERVICE, "11:01")], true),
            (&[(PLAIN, "11:00"), (SERVICE, "12:00")], false),
            (&[(PLAIN, "11:00"), (SERVICE, "13:00")], false),
            (&[(SERVER, "13:00")], true),
            (&[(SERVER, "13:00"), (SERVICE, "12:00")], false),
            (&[(SERVER, "12:05")], false),
            (&[(SERVER, "11:56")], false),
            (&[], false),
        ] {
            assert_eq!(seen(answers, None).is_some(), is_wrong, "{answers:?}");
        }
        assert!(WrongClock::seen(&steps(&[(SERVER, "12:00")]), (at("12:00"), at("18:00")), None).is_none(), "a sleep");
    }

    #[test]
    fn a_certificate_that_only_seems_wrong_is_blamed_on_the_clock() {
        for (fault, time, explained) in [
            (TlsFault::Expired, "11:00", true),
            (TlsFault::Expired, "13:00", false),
            (TlsFault::NotYetValid, "13:00", true),
            (TlsFault::NotYetValid, "11:00", false),
            (TlsFault::WrongName, "11:00", false),
        ] {
            let stopped = || Conclusion::Stopped(Failure::new(Code::TlsInvalid));
            let mut notes = Vec::new();
            let clock = seen(&[(SERVICE, time)], Some(fault));
            assert_eq!(clock.is_some(), explained, "{fault:?} {time}");
            let conclusion = clock.map_or_else(stopped, |clock| clock.explain(stopped(), &mut notes));
            let Conclusion::Stopped(cause) = conclusion else { panic!("{conclusion:?}") };
            let expected = if explained { (Code::LocalClock, 1) } else { (Code::TlsInvalid, 0) };
            assert_eq!((cause.code, notes.len()), expected, "{fault:?} {time}");
        }
    }

    #[test]
    fn the_evidence_says_by_how_much_and_who_says_so() {
        let clock = seen(&[(SERVER, "09:30")], None).unwrap();
        let facts: Vec<(&str, &str)> =
            clock.finding.facts.iter().map(|fact| (fact.label.as_str(), fact.value.as_str())).collect();
        let expected =
            [("Off by", "2 h ahead"), ("Here", "2026-11-20T12:01:00Z"), ("At mcp.example", "2026-11-20T09:30:00Z")];
        assert_eq!(facts, expected);
    }
}
