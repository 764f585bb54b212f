//! Using a server with a connector's sign-in: a session for one piece of work, and a refused token renewed once. What is asked in
//! the session, and what is kept of a refusal, is its callers' business; judging a 401 is the check's.

use replug_core::{Connector, Credentials, Exchange, Failure};
use replug_mcp::{Elicitation, Refusal, Session};
use replug_net::Trace;
use replug_store::RefusedCall;

use crate::Engine;
use crate::check::{Line, Opened, Unauthorized, in_words, permission_wanted};
use crate::renew::Need;

/// Why some work with a server was not done.
#[derive(Debug)]
pub(crate) struct TurnedAway {
    /// The cause.
    pub(crate) failure: Failure,
    /// The 401 that was met; `None` when something else was in the way.
    pub(crate) refused: Option<RefusedCall>,
    /// The permissions that the server asks for besides (RFC 6750 §3.1).
    pub(crate) wanted_scopes: Vec<String>,
    /// What was asked and answered.
    pub(crate) exchanges: Vec<Exchange>,
}

impl From<Failure> for TurnedAway {
    fn from(failure: Failure) -> Self {
        Self { failure, refused: None, wanted_scopes: Vec::new(), exchanges: Vec::new() }
    }
}

/// Who asks, and how.
struct Asking<'a> {
    connector: &'a Connector,
    elicitation: Elicitation,
    trace: Trace,
}

impl Asking<'_> {
    /// The work was given up for this, with what was asked until then.
    fn given_up(&self, failure: Failure) -> TurnedAway {
        TurnedAway { exchanges: self.trace.take(), ..failure.into() }
    }
}

impl Engine {
    /// Opens a session, does `work` in it and closes it. A token that the server refuses is renewed once, and the work is begun
    /// anew.
    ///
    /// Fails with `RPL-AUTH-NEVER`, `RPL-TOKEN-REFUSED-BY-SERVER`, `RPL-TOKEN-SCOPE`, `RPL-HTTP-KEY-NEEDED`,
    /// `RPL-HTTP-KEY-REFUSED` or the codes of a renewal when a person is needed; else with the code of the refusal.
    pub(crate) async fn in_session<T>(
        &self,
        connector: &Connector,
        elicitation: Elicitation,
        work: impl AsyncFn(&mut Session<'_>) -> Result<T, Refusal>,
    ) -> Result<T, TurnedAway> {
        self.require_approval(&connector.id).await?;
        let asking = Asking { connector, elicitation, trace: Trace::new() };
        let usable = self.usable(connector, Need::Use, self.patience(), &asking.trace).await;
        let mut record = usable.map_err(|failure| asking.given_up(failure))?.record;
        let mut outcome = self.one_session(&asking, &record, &work).await;
        if let Err(refusal) = &outcome {
            let renewed = self.renewed_after(&asking, &record, refusal).await;
            if let Some(renewed) = renewed.map_err(|failure| asking.given_up(failure))? {
                record = renewed;
                outcome = self.one_session(&asking, &record, &work).await;
            }
        }
        outcome.map_err(|refusal| self.turned_away(&asking, &record, &refusal))
    }

    async fn one_session<T>(
        &self,
        asking: &Asking<'_>,
        record: &Credentials,
        work: &impl AsyncFn(&mut Session<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let line = Line::new(self, &asking.trace, asking.connector, record).treating(asking.elicitation);
        let mut session = match line.open().await {
            Opened::Session(session) => session,
            Opened::Unauthorized(challenges) => return Err(Refusal::Unauthorized { challenges }),
            Opened::Refused(refusal) => return Err(refusal),
        };
        let done = work(&mut session).await;
        session.close().await;
        done
    }

    /// The record with another token, when the server refused the one that was sent.
    async fn renewed_after(
        &self,
        asking: &Asking<'_>,
        record: &Credentials,
        refusal: &Refusal,
    ) -> Result<Option<Credentials>, Failure> {
        let Refusal::Unauthorized { challenges } = refusal else { return Ok(None) };
        let Unauthorized::Token(_) = Unauthorized::judge(asking.connector, record, challenges) else {
            return Ok(None);
        };
        let need = Need::Refused { generation: record.generation };
        let renewed = self.usable(asking.connector, need, self.patience(), &asking.trace).await?.record;
        Ok((renewed.generation != record.generation).then_some(renewed))
    }

    fn turned_away(&self, asking: &Asking<'_>, record: &Credentials, refusal: &Refusal) -> TurnedAway {
        match refusal {
            Refusal::Unauthorized { challenges } => {
                let judged = Unauthorized::judge(asking.connector, record, challenges);
                let failure = judged.into_failure(record, self.edges().clock.now());
                let refused = RefusedCall { generation: record.generation, code: failure.code };
                TurnedAway { refused: Some(refused), ..asking.given_up(failure) }
            }
            Refusal::InsufficientScope { challenges } => {
                let wanted = permission_wanted(challenges);
                let failure =
                    wanted.iter().fold(in_words(refusal), |failure, wanted| failure.with_fact("It asks for", wanted));
                let wanted_scopes =
                    wanted.iter().flat_map(|wanted| wanted.split_whitespace()).map(str::to_owned).collect();
                TurnedAway { wanted_scopes, ..asking.given_up(failure) }
            }
            other => asking.given_up(in_words(other)),
        }
    }
}
