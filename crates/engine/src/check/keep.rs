//! Keeping what a check learned about a connector besides its verdict: how the server speaks, and where the sign-in stands. And
//! keeping what a call tells about it, which no check would find out.

use replug_core::{Failure, SignInReason, State, Step};
use replug_store::{SignInFacts, Standing, StoredConnector};

use super::climb::Climbed;
use super::judgement::rung_of_refused;
use super::ladder::{Ladder, outcome_of};
use super::texts::needs_person;
use super::verdict::{Conclusion, verdict};
use crate::Engine;
use crate::session::TurnedAway;
use crate::sign_in::{LIST, needed};
use crate::wire::Event;

impl Engine {
    /// Writes what differs from what was known. A check that could not ask leaves everything as it was.
    pub(super) async fn keep_findings(&self, stored: &StoredConnector, climbed: Climbed) -> Result<(), Failure> {
        let id = &stored.connector.id;
        if let Some(spoken) = &climbed.spoken {
            let (transport, protocol) = (spoken.transport(), spoken.protocol.clone());
            let change = |connector: &mut replug_core::Connector| {
                connector.transport = Some(transport);
                connector.protocol = Some(protocol);
            };
            self.edges().store.update(id, change).await?;
        }
        if climbed.standing.is_none() && climbed.refused_call.is_none() {
            return Ok(());
        }
        // As they are now: renewing a token on the way has written facts of its own.
        self.edges().store.update_sign_in(id, |before| Some(merged(before, climbed))).await?;
        Ok(())
    }

    /// A call that needs a person changes the verdict at once: it can be refused although the list is open to everybody.
    pub(crate) async fn keep_refused_call(&self, stored: &StoredConnector, turned: &TurnedAway) -> Result<(), Failure> {
        if !needs_person(&turned.failure) {
            return Ok(());
        }
        let signs_in = turned.failure.code.info().state == Some(State::NeedsSignIn);
        let climbed = Climbed {
            standing: signs_in.then(|| needed(turned.failure.code)),
            wanted_scopes: turned.wanted_scopes.clone(),
            refused_call: turned.refused,
            ..Climbed::default()
        };
        self.keep_findings(stored, climbed).await?;
        let (id, now) = (&stored.connector.id, self.edges().clock.now());
        let duration_ms = turned.exchanges.iter().map(|exchange| exchange.duration_ms).sum();
        let health = verdict(Conclusion::Stopped(turned.failure.clone()), &[], now, duration_ms);
        let mut steps = self.edges().store.steps(id).await?;
        if steps.is_empty() {
            steps = Ladder::new(Box::new(|_| {})).finish(false);
        }
        put(&mut steps, step_of(turned, duration_ms));
        self.edges().store.record_check(id, &health, &steps, now).await?;
        self.send(Event::ConnectorsChanged);
        Ok(())
    }

    /// A call that is answered shows that these credentials do let calls in.
    pub(crate) async fn keep_answered_call(&self, stored: &StoredConnector) -> Result<(), Failure> {
        if stored.sign_in.as_ref().is_none_or(|facts| facts.refused_call.is_none()) {
            return Ok(());
        }
        let forgiven = |facts: SignInFacts| SignInFacts { refused_call: None, ..facts };
        Ok(self.edges().store.update_sign_in(&stored.connector.id, |before| before.map(forgiven)).await?)
    }
}

/// The step that shows a refused call, on the rung that it is about.
fn step_of(turned: &TurnedAway, duration_ms: u64) -> Step {
    let failure = &turned.failure;
    Step {
        rung: rung_of_refused(failure.code),
        outcome: outcome_of(failure.code),
        started_ms: 0,
        duration_ms,
        code: Some(failure.code),
        text: format!("A call was refused: {}", failure.sentence()),
        exchanges: turned.exchanges.clone(),
    }
}

fn put(steps: &mut [Step], step: Step) {
    if let Some(place) = steps.iter_mut().find(|place| place.rung == step.rung) {
        *place = step;
    }
}

fn merged(before: Option<SignInFacts>, climbed: Climbed) -> SignInFacts {
    // Who is let in by a key of their own has no sign-in.
    let mut facts = before.unwrap_or_else(|| SignInFacts::new(climbed.standing.unwrap_or(Standing::NotRequired)));
    facts.standing = match climbed.standing {
        None => facts.standing,
        // Signed out on purpose stays signed out; it is not a sign-in that broke.
        Some(Standing::Needed { reason: SignInReason::Never, .. }) if facts.standing == Standing::SignedOut => {
            Standing::SignedOut
        }
        Some(other) => other,
    };
    if let Some(asked) = climbed.asked {
        facts.issuer = Some(asked.service.issuer);
    }
    if climbed.refused_call.is_some() {
        facts.refused_call = climbed.refused_call;
    }
    if climbed.standing == Some(Standing::SignedIn) {
        facts.step_ups.end(LIST);
    }
    if !climbed.wanted_scopes.is_empty() {
        facts.wanted_scopes = climbed.wanted_scopes;
    }
    facts
}
