//! What it means when a server does not greet: the way to it is broken, something stands before it, or it wants credentials.
//! A 401 is never "failed", and nothing else is ever "needs sign-in".

use jiff::{SignedDuration, Timestamp};
use replug_core::{Code, Credentials, Failure, Finding, Rung, State};
use replug_mcp::{Challenges, Refusal};
use replug_net::NetError;
use replug_oauth::ServiceMetadata;
use replug_store::SignInFacts;

use super::ask::{Wants, asked, climb_discovery};
use super::climb::Climb;
use super::judgement::{Unauthorized, permission_wanted, refused_by_server};
use super::line::{Line, Opened};
use super::texts::needs_person;
use super::verdict::Answered;
use super::way::{Obstacle, network_rung};
use crate::profiles::profile;
use crate::renew::Need;
use crate::sign_in::{CALLBACK_ADDRESS, LIST, endless, needed, redirect_address};

/// How long a trouble of the service that met a sign-in is still told by checks.
const PASSING: SignedDuration = SignedDuration::from_mins(5);

impl Climb<'_> {
    /// Anything but a greeting and a 401.
    pub(super) async fn refused(&mut self, refusal: &Refusal) -> Failure {
        let asked = self.ladder.left();
        self.learned.wait = refusal.wait();
        let Obstacle { rung, failure } = match refusal {
            Refusal::Net(error) => self.no_answer(error).await,
            Refusal::InsufficientScope { challenges } => {
                Obstacle { rung: Rung::Token, failure: self.more_permission(challenges).await }
            }
            other => Obstacle { rung: rung_of(other), failure: in_words(other) },
        };
        self.ladder.failed(asked.on(rung), &failure);
        failure
    }

    /// The way is walked: what it shows is more exact than the request's own error, when the request never arrived.
    async fn no_answer(&mut self, error: &NetError) -> Obstacle {
        if let NetError::Tls { fault, .. } = error {
            self.certificate = Some(*fault);
        }
        self.walk_the_way().await;
        let seen = self.obstacle.clone().filter(|_| error.never_sent());
        seen.unwrap_or_else(|| Obstacle { rung: network_rung(error), failure: error.clone().into() })
    }

    /// 403 `insufficient_scope`: what is asked for is kept for the next sign-in (RFC 6750 §3.1), a bounded number of times.
    async fn more_permission(&mut self, challenges: &Challenges) -> Failure {
        let wanted = permission_wanted(challenges);
        let failure = Failure::new(Code::TokenScope);
        let failure = wanted.iter().fold(failure, |failure, wanted| failure.with_fact("It asks for", wanted));
        match self.engine.may_step_up(&self.subject.connector.id, LIST).await {
            Ok(true) => {}
            Ok(false) => return endless(failure),
            Err(broken) => return broken,
        }
        self.learned.standing = Some(needed(Code::TokenScope));
        self.learned.wanted_scopes =
            wanted.iter().flat_map(|wanted| wanted.split_whitespace()).map(str::to_owned).collect();
        failure
    }

    /// 401: a key that is refused, a token that is refused, or a sign-in that is missing.
    pub(super) async fn unauthorized(
        &mut self,
        challenges: &Challenges,
        record: Credentials,
    ) -> Result<Answered, Failure> {
        self.learned.challenged = true;
        match Unauthorized::judge(&self.subject.connector, &record, challenges) {
            Unauthorized::Token(wants) => self.token_refused(wants, record).await,
            Unauthorized::Key(failure) => {
                let foothold = self.ladder.step_on(Rung::Challenge);
                self.ladder.failed(foothold, &failure);
                Err(failure)
            }
            Unauthorized::SignIn(wants) => Err(self.sign_in_missing(&wants, &record).await),
        }
    }

    /// The server refuses a token: it is renewed once and tried again, then a person is needed. Never a loop.
    async fn token_refused(&mut self, wants: Wants, record: Credentials) -> Result<Answered, Failure> {
        let generation = record.generation;
        let again = std::mem::replace(&mut self.renewed_refused, true);
        let renewed = if again { record } else { self.renewed(&record, Need::Refused { generation }).await? };
        if renewed.generation != generation {
            let line = Line::new(self.engine, self.ladder.trace(), &self.subject.connector, &renewed);
            match self.first_message(&line).await {
                Opened::Session(session) => return Box::pin(self.tools(*session, renewed)).await,
                Opened::Refused(refusal) => return Err(self.refused(&refusal).await),
                Opened::Unauthorized(_) => {}
            }
        }
        let moved = Box::pin(self.moved(&wants, &renewed)).await;
        let failure = moved.unwrap_or_else(|| refused_by_server(&renewed, &wants, self.engine.edges().clock.now()));
        let foothold = self.ladder.step_on(Rung::Token);
        self.ladder.failed(foothold, &failure);
        self.learned.standing = Some(needed(failure.code));
        Err(failure)
    }

    /// Nobody is signed in: where to do it is found out, so that what stands in the way is known before a browser opens.
    async fn sign_in_missing(&mut self, wants: &Wants, record: &Credentials) -> Failure {
        let challenge = wants.challenge();
        let connector = self.subject.connector.clone();
        let surroundings = self.engine.surroundings(&connector).await;
        let trace = self.ladder.trace().clone();
        let ctx = surroundings.context(&trace);
        let found = climb_discovery(&mut self.ladder, &ctx, challenge, (&connector, record)).await;
        let (search, found) = match found {
            Ok(found) => found,
            Err(failure) => return failure,
        };
        let failure = self.what_stands_in_the_way(&found.metadata);
        self.learned.asked = Some(asked(&connector.settings, challenge, search, found, &[]));
        if needs_person(&failure) {
            self.learned.standing = Some(needed(failure.code));
        }
        failure
    }

    /// The cause of the last attempt that failed, else a client ID that is missing, else that nobody signed in yet.
    fn what_stands_in_the_way(&mut self, service: &ServiceMetadata) -> Failure {
        let now = self.engine.edges().clock.now();
        let last = self.subject.facts.as_ref().and_then(|facts| still_counts(facts, now));
        let failure = match last {
            Some(finding) => {
                self.learned.from_attempt = true;
                remembered(finding)
            }
            None if self.subject.connector.settings.client_id.is_none() && service.registration_endpoint.is_none() => {
                let issuer = service.issuer.as_str();
                let redirect = redirect_address(&self.subject.connector.settings, None, Some(issuer));
                profile(issuer).guide(Failure::new(Code::RegNotOffered).with_fact(CALLBACK_ADDRESS, redirect))
            }
            None => Failure::new(Code::AuthNever),
        };
        let rung = if failure.code.as_str().starts_with("RPL-REG-") {
            Rung::Registration
        } else {
            self.ladder.skip(Rung::Registration, "Not asked before the sign-in.");
            Rung::Token
        };
        let foothold = self.ladder.step_on(rung);
        self.ladder.failed(foothold, &failure);
        failure
    }
}

/// The words for a refusal that is not about credentials.
pub(crate) fn in_words(refusal: &Refusal) -> Failure {
    refusal.to_failure().unwrap_or_else(|| Failure::new(Code::HttpUnexpected))
}

/// The rung at which an answer is refused.
const fn rung_of(refusal: &Refusal) -> Rung {
    match refusal {
        Refusal::NotMcp { .. } | Refusal::VersionUnsupported { .. } => Rung::Protocol,
        Refusal::Handshake { .. } | Refusal::SessionLost => Rung::Handshake,
        _ => Rung::Http,
    }
}

/// What the last attempt complained of. What may pass by itself counts for a while only: by then the service may be well
/// again, and a 401 is no failure.
fn still_counts(facts: &SignInFacts, now: Timestamp) -> Option<&Finding> {
    let finding = facts.last_failure.as_ref()?;
    let lasting = matches!(finding.code.info().state, Some(State::NeedsSignIn | State::NeedsSetup));
    let recent = facts.last_failed_at.is_some_and(|at| now.duration_since(at) < PASSING);
    (lasting || recent).then_some(finding)
}

/// What the last attempt complained of, as a failure again.
pub(crate) fn remembered(finding: &Finding) -> Failure {
    Failure {
        code: finding.code,
        text: Some(finding.text.clone()),
        facts: finding.evidence.clone(),
        said: finding.said.clone(),
    }
}
