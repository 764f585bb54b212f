//! What it means when a server does not greet: the way to it is broken, something stands before it, or it wants credentials.
//! A 401 is never "failed", and nothing else is ever "needs sign-in".

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use replug_core::{Code, Credentials, Failure, Finding, Rung, State};
use replug_mcp::{Challenges, Refusal};
use replug_net::{NetError, Reach, TimeoutPhase, addresses_of, connect};
use replug_oauth::{ServiceMetadata, bearer, differences, parse_challenges, peek_claims};
use replug_store::SignInFacts;

use super::ask::{Wants, asked, climb_discovery, key_needed, wants};
use super::climb::Climb;
use super::line::{Line, Opened, has_authorization, token_of};
use super::texts::needs_person;
use super::verdict::Answered;
use crate::renew::Need;
use crate::sign_in::needed;

/// How long a connection may take when the way is looked at apart.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a trouble of the service that met a sign-in is still told by checks.
const PASSING: SignedDuration = SignedDuration::from_mins(5);

impl Climb<'_> {
    /// Anything but a greeting and a 401. The network is looked at apart when there was no answer at all.
    pub(super) async fn refused(&mut self, refusal: &Refusal) -> Failure {
        let failure = match refusal {
            Refusal::InsufficientScope { challenges } => self.more_permission(challenges),
            other => other.to_failure().unwrap_or_else(|| Failure::new(Code::HttpUnexpected)),
        };
        let rung = match refusal {
            Refusal::Net(error) => network_rung(error),
            Refusal::NotMcp { .. } | Refusal::VersionUnsupported { .. } => Rung::Protocol,
            Refusal::Handshake { .. } | Refusal::SessionLost => Rung::Handshake,
            Refusal::InsufficientScope { .. } => Rung::Token,
            _ => Rung::Http,
        };
        if matches!(refusal, Refusal::Net(_)) && !self.subject.manner.thorough {
            self.walk_the_way().await;
        }
        let foothold = self.ladder.step_on(rung);
        self.ladder.failed(foothold, &failure);
        failure
    }

    /// 403 `insufficient_scope`: what is asked for is kept for the next sign-in (RFC 6750 §3.1).
    fn more_permission(&mut self, challenges: &Challenges) -> Failure {
        let wanted = permission_wanted(challenges);
        let failure = Failure::new(Code::TokenScope);
        self.learned.standing = Some(needed(Code::TokenScope));
        let Some(wanted) = wanted else { return failure };
        self.learned.wanted_scopes = wanted.split_whitespace().map(str::to_owned).collect();
        failure.with_fact("It asks for", wanted)
    }

    /// 401: a key that is refused, a token that is refused, or a sign-in that is missing.
    pub(super) async fn unauthorized(
        &mut self,
        challenges: &Challenges,
        record: Credentials,
    ) -> Result<Answered, Failure> {
        self.learned.challenged = true;
        let wants = wants(challenges.as_slice());
        if token_of(&self.subject.connector, &record).is_some() && !has_authorization(&record) {
            return self.token_refused(wants, record).await;
        }
        let has_key = record.inputs.headers.iter().any(|(name, _)| carries_key(name));
        if let (Wants::Key(scheme), false) = (&wants, has_key) {
            return Err(key_needed(scheme));
        }
        if has_authorization(&record) || (has_key && !offers_sign_in(&wants)) {
            return Err(Failure::new(Code::HttpKeyRefused));
        }
        Err(self.sign_in_missing(&wants).await)
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
        let failure = refused_by_server(&renewed, &wants, self.engine.edges().clock.now());
        let foothold = self.ladder.step_on(Rung::Token);
        self.ladder.failed(foothold, &failure);
        self.learned.standing = Some(needed(failure.code));
        Err(failure)
    }

    /// Nobody is signed in: where to do it is found out, so that what stands in the way is known before a browser opens.
    async fn sign_in_missing(&mut self, wants: &Wants) -> Failure {
        let challenge = match wants {
            Wants::SignIn(challenge) => challenge.as_ref(),
            Wants::Key(_) => None,
        };
        let connector = self.subject.connector.clone();
        let surroundings = self.engine.surroundings(&connector).await;
        let trace = self.ladder.trace().clone();
        let ctx = surroundings.context(&trace);
        let server = connector.address.base();
        let found = climb_discovery(&mut self.ladder, &ctx, server, challenge, &connector.settings).await;
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
        let foothold = self.ladder.step_on(Rung::Registration);
        let now = self.engine.edges().clock.now();
        let last = self.subject.facts.as_ref().and_then(|facts| still_counts(facts, now));
        let failure = match last {
            Some(finding) => {
                self.learned.from_attempt = true;
                remembered(finding)
            }
            None if self.subject.connector.settings.client_id.is_none() && service.registration_endpoint.is_none() => {
                let redirect = crate::sign_in::redirect_address(&self.subject.connector.settings, None);
                Failure::new(Code::RegNotOffered).with_fact(crate::sign_in::CALLBACK_ADDRESS, redirect)
            }
            None => {
                self.ladder.skip(Rung::Registration, "Not asked before the sign-in.");
                return Failure::new(Code::AuthNever);
            }
        };
        if failure.code.as_str().starts_with("RPL-REG-") {
            self.ladder.failed(foothold, &failure);
        }
        failure
    }

    /// Looks at the way to the server step by step, so that the step that fails is known.
    pub(super) async fn walk_the_way(&mut self) {
        let url = self.subject.connector.address.base().clone();
        let foothold = self.ladder.step_on(Rung::Dns);
        let addresses = match addresses_of(&url, Reach::OWN).await {
            Ok(addresses) => addresses,
            Err(error) => return self.ladder.failed(foothold, &error.into()),
        };
        let shown: Vec<String> = addresses.iter().take(4).map(ToString::to_string).collect();
        self.ladder.ok(foothold, format!("{}.", shown.join(", ")));
        let foothold = self.ladder.step_on(Rung::Tcp);
        match connect(&url, &addresses, CONNECT).await {
            Ok(address) => self.ladder.ok(foothold, format!("{address} accepts connections.")),
            Err(error) => self.ladder.failed(foothold, &error.into()),
        }
        if url.scheme() == "http" {
            self.ladder.skip(Rung::Tls, "This address is not encrypted.");
        }
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

/// The permissions that a challenge names (RFC 6750 §3).
pub(crate) fn permission_wanted(challenges: &Challenges) -> Option<String> {
    let lines: Vec<&str> = challenges.as_slice().iter().map(String::as_str).collect();
    bearer(&parse_challenges(&lines)).and_then(|challenge| challenge.scope)
}

/// Whether a header of this name is there to let somebody in. Others, such as a tenant's name, are not to blame for a 401.
fn carries_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["auth", "key", "token", "secret", "password"].iter().any(|word| name.contains(word))
}

/// Whether the challenge itself points to a browser sign-in.
fn offers_sign_in(wants: &Wants) -> bool {
    matches!(wants, Wants::SignIn(Some(challenge)) if challenge.resource_metadata.is_some())
}

/// The rung at which a request without an answer ended.
const fn network_rung(error: &NetError) -> Rung {
    match error {
        NetError::NameUnknown { .. } | NetError::AddressRefused { .. } => Rung::Dns,
        NetError::Unreachable { .. } | NetError::Timeout { phase: TimeoutPhase::Connect, .. } => Rung::Tcp,
        NetError::Tls { .. } => Rung::Tls,
        NetError::Timeout { .. } | NetError::Interrupted | NetError::TooLarge { .. } | NetError::Invalid(_) => {
            Rung::Http
        }
    }
}

/// Signed in, and refused all the same: what differs between the token and what the server wants, when it can be read.
fn refused_by_server(record: &Credentials, wants: &Wants, now: Timestamp) -> Failure {
    let mut failure = Failure::new(Code::TokenRefusedByServer);
    if let Some(tokens) = &record.tokens
        && let Some(claims) = peek_claims(&tokens.access)
    {
        failure.facts = differences(&claims, tokens.resource.as_deref(), &tokens.issuer, now);
    }
    match wants {
        Wants::SignIn(Some(challenge)) => failure.with_said(challenge.error_description.as_deref().unwrap_or_default()),
        Wants::SignIn(None) | Wants::Key(_) => failure,
    }
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
