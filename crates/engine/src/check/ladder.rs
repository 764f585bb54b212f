//! Writing down a climb: each rung with its duration, its outcome and its exchanges. What the outcome means is decided in
//! `climb` and `verdict`.

use std::time::Instant;

use replug_core::{Code, Failure, Outcome, Rung, Severity, State, Step};
use replug_net::Trace;

/// A climb that is being written down.
pub(crate) struct Ladder {
    began: Instant,
    trace: Trace,
    steps: Vec<Step>,
    /// The rung that is being climbed.
    open: Option<Foothold>,
    on_rung: Box<dyn Fn(Rung) + Send + Sync>,
}

/// A rung that was stepped on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Foothold {
    rung: Rung,
    at: Instant,
    /// When it was left; still on it when `None`.
    until: Option<Instant>,
    /// Whether requests are made on it. Those of another rung are left alone then.
    asks: bool,
}

impl Foothold {
    pub(crate) const fn rung(self) -> Rung {
        self.rung
    }

    /// The same moment on another rung: what was asked turned out to be about that one.
    pub(crate) const fn on(self, rung: Rung) -> Self {
        Self { rung, ..self }
    }
}

impl Ladder {
    /// An empty ladder. `on_rung` hears of every rung when it is stepped on.
    pub(crate) fn new(on_rung: Box<dyn Fn(Rung) + Send + Sync>) -> Self {
        Self { began: Instant::now(), trace: Trace::new(), steps: Vec::new(), open: None, on_rung }
    }

    /// Where exchanges are written down.
    pub(crate) const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Milliseconds since the climb began.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        millis(self.began, Instant::now())
    }

    /// Steps on a rung to ask: the exchanges until it is written down are its own.
    pub(crate) fn step_on(&mut self, rung: Rung) -> Foothold {
        self.stand_on(Foothold { rung, at: Instant::now(), until: None, asks: true })
    }

    /// Steps on a rung without asking anything by HTTP: exchanges that are not written down yet stay with the rung that made
    /// them.
    pub(crate) fn look_at(&mut self, rung: Rung) -> Foothold {
        self.stand_on(Foothold { rung, at: Instant::now(), until: None, asks: false })
    }

    /// The rung that was stepped on last, left now: what is written down for it later took no longer.
    pub(crate) fn left(&self) -> Foothold {
        let now = Instant::now();
        let last = self.open.unwrap_or(Foothold { rung: Rung::Http, at: now, until: None, asks: true });
        Foothold { until: Some(now), asks: true, ..last }
    }

    fn stand_on(&mut self, foothold: Foothold) -> Foothold {
        (self.on_rung)(foothold.rung);
        self.open = Some(foothold);
        foothold
    }

    /// The climb was cut off: the rung it was on is where it failed.
    pub(crate) fn cut_off(&mut self, failure: &Failure) {
        if let Some(foothold) = self.open {
            self.failed(Foothold { asks: true, ..foothold }, failure);
        }
    }

    pub(crate) fn ok(&mut self, foothold: Foothold, text: impl Into<String>) {
        self.write(foothold, Outcome::Ok, None, text.into());
    }

    pub(crate) fn warn(&mut self, foothold: Foothold, code: Code, text: impl Into<String>) {
        self.write(foothold, Outcome::Warning, Some(code), text.into());
    }

    pub(crate) fn failed(&mut self, foothold: Foothold, failure: &Failure) {
        self.write(foothold, outcome_of(failure.code), Some(failure.code), failure.sentence().to_owned());
    }

    /// Writes a rung down that took no time of its own.
    pub(crate) fn passed_by(&mut self, rung: Rung, text: impl Into<String>) {
        let foothold = Foothold { rung, at: Instant::now(), until: None, asks: false };
        let step = self.step(foothold, Outcome::Ok, None, text.into());
        self.steps.push(step);
    }

    /// Writes a rung down that was left out on purpose.
    pub(crate) fn skip(&mut self, rung: Rung, text: impl Into<String>) {
        let foothold = Foothold { rung, at: Instant::now(), until: None, asks: false };
        let step = self.step(foothold, Outcome::Skipped, None, text.into());
        self.steps.push(step);
    }

    fn write(&mut self, foothold: Foothold, outcome: Outcome, code: Option<Code>, text: String) {
        self.open = None;
        let mut step = self.step(foothold, outcome, code, text);
        if foothold.asks {
            step.exchanges = self.trace.take();
        }
        self.steps.push(step);
    }

    fn step(&self, foothold: Foothold, outcome: Outcome, code: Option<Code>, text: String) -> Step {
        Step {
            rung: foothold.rung,
            outcome,
            started_ms: millis(self.began, foothold.at),
            duration_ms: millis(foothold.at, foothold.until.unwrap_or_else(Instant::now)),
            code,
            text,
            exchanges: Vec::new(),
        }
    }

    /// All fourteen rungs in order: those that were stepped on, and the others as left out, because the climb `stopped` or
    /// because they were not needed. A rung that was stepped on
    /// twice (a token that was renewed on the way) shows its last step, with the exchanges of both.
    pub(crate) fn finish(self, stopped: bool) -> Vec<Step> {
        let mut steps = self.steps;
        Rung::ALL
            .into_iter()
            .map(|rung| {
                let mut of_rung: Vec<Step> = Vec::new();
                steps.retain(|step| {
                    let here = step.rung == rung;
                    if here {
                        of_rung.push(step.clone());
                    }
                    !here
                });
                merge(of_rung).unwrap_or_else(|| not_reached(rung, stopped))
            })
            .collect()
    }
}

/// The mark of a rung on which this was found: that of the state it leads to. Where somebody has to do something, nothing has
/// failed, however much it matters.
pub(super) const fn outcome_of(code: Code) -> Outcome {
    let info = code.info();
    match (info.state, info.severity) {
        (Some(State::Failed), _) | (None, Severity::Error) => Outcome::Failed,
        (Some(_), _) | (None, Severity::Warning | Severity::Note) => Outcome::Warning,
    }
}

fn merge(steps: Vec<Step>) -> Option<Step> {
    steps.into_iter().reduce(|mut earlier, mut later| {
        earlier.exchanges.append(&mut later.exchanges);
        Step {
            exchanges: earlier.exchanges,
            started_ms: earlier.started_ms,
            duration_ms: earlier.duration_ms + later.duration_ms,
            ..later
        }
    })
}

fn not_reached(rung: Rung, stopped: bool) -> Step {
    let text = if stopped { "Not asked: the check ended before." } else { "Left out: it was not needed." };
    Step {
        rung,
        outcome: Outcome::Skipped,
        started_ms: 0,
        duration_ms: 0,
        code: None,
        text: text.to_owned(),
        exchanges: Vec::new(),
    }
}

fn millis(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_millis()).unwrap_or(u64::MAX)
}
