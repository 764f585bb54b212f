//! Climbing the ladder for one connector: what is asked, in which order, and what each answer leads to. The verdict is
//! computed from the conclusion in `verdict`; nothing is stored here.

use std::time::Duration;

use jiff::Timestamp;
use replug_core::{Code, Connector, Credentials, Failure, Rung, State, Step, sanitize};
use replug_mcp::{ListEnd, Refusal, Session, Spoken};
use replug_net::TlsFault;
use replug_oauth::ResourceSearch;
use replug_store::{RefusedCall, SignInFacts, Standing, StoredConnector};
use serde_json::value::RawValue;

use super::Manner;
use super::ask::Asked;
use super::clock::WrongClock;
use super::judgement::rung_of_refused;
use super::ladder::Ladder;
use super::line::{Line, Opened, has_authorization, token_of};
use super::texts::{counted, greeting, needs_person, server_name, spoken_text, token_text};
use super::verdict::{Answered, Conclusion};
use super::way::Obstacle;
use crate::Engine;
use crate::profiles::in_plain_words;
use crate::records::expects_secrets;
use crate::renew::{Need, Usable};
use crate::sign_in::needed;

/// How many tools with a broken description are named.
const LISTED_PROBLEMS: usize = 20;

/// What is climbed for.
pub(super) struct Subject {
    pub(super) connector: Connector,
    pub(super) facts: Option<SignInFacts>,
    pub(super) manner: Manner,
    /// The record to use instead of the keychain's: that of a connector which is not saved.
    pub(super) draft: Option<Credentials>,
}

impl Subject {
    pub(super) fn of(stored: &StoredConnector, manner: Manner) -> Self {
        Self { connector: stored.connector.clone(), facts: stored.sign_in.clone(), manner, draft: None }
    }
}

/// What a climb learned besides its conclusion; kept with the connector.
#[derive(Debug, Default)]
pub(super) struct Climbed {
    /// How the server speaks.
    pub(super) spoken: Option<Spoken>,
    /// What the server calls itself.
    pub(super) server: Option<String>,
    /// Where the sign-in stands; `None` leaves it as it was.
    pub(super) standing: Option<Standing>,
    /// Permissions the server asks for that the sign-in lacks.
    pub(super) wanted_scopes: Vec<String>,
    /// The sign-in service, when the server named one.
    pub(super) asked: Option<Asked>,
    /// Whether the server asked for a sign-in.
    pub(super) challenged: bool,
    /// Whether the cause is what the last sign-in attempt ended with.
    pub(super) from_attempt: bool,
    /// A call that was refused.
    pub(super) refused_call: Option<RefusedCall>,
    /// How long the server asks to be left alone (RFC 9110 §10.2.3).
    pub(super) wait: Option<Duration>,
}

/// A climb that has ended, with what is shown of it.
pub(super) struct Ended {
    pub(super) conclusion: Conclusion,
    /// What does not decide the verdict by itself.
    pub(super) notes: Vec<Failure>,
    pub(super) duration_ms: u64,
    pub(super) steps: Vec<Step>,
}

/// A climb on its way.
pub(super) struct Climb<'a> {
    pub(super) engine: &'a Engine,
    pub(super) ladder: Ladder,
    pub(super) subject: Subject,
    pub(super) notes: Vec<Failure>,
    pub(super) learned: Climbed,
    /// When it began, by this computer's clock.
    began: Timestamp,
    /// What is wrong with the server's certificate.
    pub(super) certificate: Option<TlsFault>,
    /// Whether a refused token was renewed already: that is done once.
    pub(super) renewed_refused: bool,
    /// Whether the way to the server was walked.
    pub(super) walked: bool,
    /// What was found in it.
    pub(super) obstacle: Option<Obstacle>,
}

impl<'a> Climb<'a> {
    pub(super) fn new(engine: &'a Engine, ladder: Ladder, subject: Subject) -> Self {
        Self {
            engine,
            ladder,
            subject,
            notes: Vec::new(),
            learned: Climbed::default(),
            began: engine.edges().clock.now(),
            certificate: None,
            renewed_refused: false,
            walked: false,
            obstacle: None,
        }
    }

    /// The climb takes too long, and ends where it is.
    pub(super) fn cut_off(&mut self, failure: &Failure) {
        self.ladder.cut_off(failure);
    }

    /// Writes everything down. A clock that is wrong is noticed here, when all answers are there.
    pub(super) fn finish(mut self, mut conclusion: Conclusion) -> Ended {
        let duration_ms = self.ladder.elapsed_ms();
        let steps = self.ladder.finish(matches!(conclusion, Conclusion::Stopped(_)));
        let during = (self.began, self.engine.edges().clock.now());
        if let Some(clock) = WrongClock::seen(&steps, during, self.certificate) {
            conclusion = clock.explain(conclusion, &mut self.notes);
        }
        Ended { conclusion, notes: self.notes, duration_ms, steps }
    }

    /// Climbs to the end. What was learned is there even when it ended early.
    pub(super) async fn run(&mut self) -> (Conclusion, Climbed) {
        let conclusion = match self.up().await {
            Ok(answered) => Conclusion::Answered(answered),
            Err(failure) => Conclusion::Stopped(failure),
        };
        (conclusion, std::mem::take(&mut self.learned))
    }

    async fn up(&mut self) -> Result<Answered, Failure> {
        let foothold = self.ladder.step_on(Rung::Address);
        self.ladder.ok(foothold, format!("{}, nothing unusual.", self.subject.connector.address.base().scheme()));
        let record = self.record().await?;
        let record = self.token(record).await?;
        if self.subject.manner.thorough {
            self.walk_the_way().await;
        }
        let line = Line::new(self.engine, self.ladder.trace(), &self.subject.connector, &record);
        match self.first_message(&line).await {
            Opened::Session(session) => self.tools(*session, record).await,
            Opened::Refused(refusal) => Err(self.refused(&refusal).await),
            Opened::Unauthorized(challenges) => self.unauthorized(&challenges, record).await,
        }
    }

    /// The record, where one is expected. A keychain that cannot be asked stops the check only when something is in it.
    async fn record(&mut self) -> Result<Credentials, Failure> {
        if let Some(draft) = self.subject.draft.take() {
            return Ok(draft);
        }
        let connector = &self.subject.connector;
        let kept = expects_secrets(connector, self.subject.facts.as_ref());
        match self.engine.record_of(connector, self.subject.manner.patience).await {
            Ok(record) => Ok(record),
            Err(failure) if kept => {
                let foothold = self.ladder.step_on(Rung::Token);
                self.ladder.failed(foothold, &failure);
                Err(failure)
            }
            Err(_) => Ok(Credentials::empty(connector.id.clone())),
        }
    }

    /// Renews the token when it is about to end.
    async fn token(&mut self, record: Credentials) -> Result<Credentials, Failure> {
        if token_of(&self.subject.connector, &record).is_none() {
            return Ok(record);
        }
        if has_authorization(&record) {
            self.notes.push(Failure::new(Code::TokenHeaderHides));
            return Ok(record);
        }
        // Before the token, which is renewed with it.
        let secret_ends = self.engine.keep_secret(&self.subject.connector, &record, self.ladder.trace()).await;
        self.notes.extend(secret_ends);
        self.renewed(&record, Need::Use).await
    }

    /// A record whose token can be used; the step says what was done for it.
    pub(super) async fn renewed(&mut self, before: &Credentials, need: Need) -> Result<Credentials, Failure> {
        let foothold = self.ladder.step_on(Rung::Token);
        let trace = self.ladder.trace().clone();
        let patience = self.subject.manner.patience;
        match self.engine.usable(&self.subject.connector, need, patience, &trace).await {
            Ok(Usable { record, not_renewed: None }) => {
                self.ladder.ok(foothold, token_text(&record, record.generation != before.generation));
                Ok(record)
            }
            Ok(Usable { record, not_renewed: Some(failure) }) => {
                let failure = in_plain_words(failure);
                self.ladder.warn(foothold, failure.code, failure.sentence());
                self.notes.push(failure);
                Ok(record)
            }
            Err(failure) => {
                let failure = in_plain_words(failure);
                self.ladder.failed(foothold, &failure);
                if needs_person(&failure) {
                    self.learned.standing = Some(needed(failure.code));
                }
                Err(failure)
            }
        }
    }

    pub(super) async fn first_message<'l>(&mut self, line: &'l Line) -> Opened<'l> {
        let foothold = self.ladder.step_on(Rung::Handshake);
        let answer = line.open().await;
        let silent = matches!(&answer, Opened::Refused(Refusal::Net(_)));
        if !silent && (!self.walked || self.obstacle.is_some()) {
            self.reached();
        }
        match &answer {
            Opened::Session(session) => {
                self.ladder.ok(foothold, greeting(session));
                self.ladder.passed_by(Rung::Http, "It answers.");
                self.ladder.passed_by(Rung::Protocol, spoken_text(session));
                self.learned.spoken = Some(session.spoken());
                self.learned.server = Some(server_name(session));
            }
            Opened::Unauthorized(_) => {
                let foothold = foothold.on(Rung::Challenge);
                self.ladder.ok(foothold, "It answers 401: it wants a sign-in.");
                self.ladder.passed_by(Rung::Http, "It answers.");
            }
            Opened::Refused(_) => {}
        }
        answer
    }

    /// Reads the tools to the last page and looks at their schemas.
    pub(super) async fn tools(&mut self, mut session: Session<'_>, record: Credentials) -> Result<Answered, Failure> {
        let foothold = self.ladder.step_on(Rung::Tools);
        let listed = session.list_tools().await;
        let offers = session.capabilities();
        // Whatever the answer was: the server remembers a session until it is told, or for a long time.
        session.close().await;
        let listed = match listed {
            Ok(listed) => listed,
            Err(Refusal::Unauthorized { challenges }) => {
                return Box::pin(self.unauthorized(&challenges, record)).await;
            }
            Err(refusal) => return Err(self.refused(&refusal).await),
        };
        let count = u32::try_from(listed.total).unwrap_or(u32::MAX);
        let broken = match listed.end {
            ListEnd::Complete | ListEnd::NotOffered => None,
            ListEnd::Incomplete { why } | ListEnd::Unreadable { why } => Some(why),
        };
        let (offers_tools, offers_other) = (offers.tools, offers.prompts || offers.resources);
        let answered = Answered { tools: count, broken, offers_tools, offers_other };
        let counted = format!("{} on {}.", counted(count as usize, "tool"), counted(listed.pages, "page"));
        match answered.trouble() {
            None => self.ladder.ok(foothold, counted),
            Some(failure) if answered.broken.is_none() => self.ladder.warn(foothold, failure.code, counted),
            Some(failure) => self.ladder.failed(foothold, &failure),
        }
        self.lint(&listed.tools);
        if let Some(failure) = self.calls_are_refused(&record) {
            return Err(failure);
        }
        self.stand(&record).await;
        Ok(answered)
    }

    /// A list that is open says nothing about calls: when one was refused with these credentials, they are of no use.
    fn calls_are_refused(&mut self, record: &Credentials) -> Option<Failure> {
        let refused = self.subject.facts.as_ref()?.refused_call?;
        if refused.generation != record.generation {
            return None;
        }
        let failure =
            Failure::new(refused.code).with_fact("Refused", "the last call, although the list is open to everybody");
        let foothold = self.ladder.step_on(rung_of_refused(refused.code));
        self.ladder.failed(foothold, &failure);
        if refused.code.info().state == Some(State::NeedsSignIn) {
            self.learned.standing = Some(needed(refused.code));
        }
        Some(failure)
    }

    /// Findings about the tools' descriptions. They are warnings: the list itself is whole.
    fn lint(&mut self, tools: &[Box<RawValue>]) {
        if tools.is_empty() {
            return self.ladder.skip(Rung::Schema, "There is no tool to look at.");
        }
        let foothold = self.ladder.step_on(Rung::Schema);
        let problems = replug_mcp::lint(tools);
        let Some(first) = problems.first() else {
            self.ladder.ok(foothold, "Every tool is described as it should be.");
            return;
        };
        let mut finding = Failure::new(Code::McpSchema);
        for problem in problems.iter().take(LISTED_PROBLEMS) {
            finding = finding.with_fact(&sanitize(&problem.tool, 60), problem.what.to_string());
        }
        self.ladder.warn(foothold, Code::McpSchema, format!("{}: {}", sanitize(&first.tool, 60), first.what));
        self.notes.push(finding);
    }

    /// Where the sign-in stands after the server answered.
    async fn stand(&mut self, record: &Credentials) {
        if let Some(tokens) = token_of(&self.subject.connector, record).filter(|_| !has_authorization(record)) {
            self.learned.standing = Some(Standing::SignedIn);
            if let (false, Some(end)) = (tokens.is_renewable(), tokens.expires_at) {
                self.notes.push(Failure::new(Code::TokenNotRenewable).with_fact("Ends", end.to_string()));
            }
            return;
        }
        let known = self.subject.facts.as_ref().map(|facts| facts.standing);
        let standing = match known {
            _ if !record.inputs.headers.is_empty() => Standing::NotRequired,
            Some(known @ (Standing::NotRequired | Standing::SignedOut)) if !self.subject.manner.thorough => known,
            _ if self.names_a_service().await => Standing::SignedOut,
            _ => Standing::NotRequired,
        };
        if standing == Standing::SignedOut {
            self.notes.push(Failure::new(Code::McpPublicList));
        }
        self.learned.standing = Some(standing);
    }

    /// Whether a server that answers everybody still names a sign-in service (RFC 9728).
    async fn names_a_service(&mut self) -> bool {
        let connector = self.subject.connector.clone();
        let surroundings = self.engine.surroundings(&connector).await;
        let trace = self.ladder.trace().clone();
        let foothold = self.ladder.step_on(Rung::ResourceMetadata);
        let ctx = surroundings.context(&trace);
        // What goes wrong here is not the connector's trouble: it works without.
        let found = replug_oauth::find_resource_metadata(&ctx, connector.address.base(), None).await;
        let named = matches!(&found, Ok(ResourceSearch::Found(resource)) if !resource.authorization_servers.is_empty());
        self.ladder.ok(foothold, if named { "It names a sign-in service." } else { "It names no sign-in service." });
        named
    }
}
