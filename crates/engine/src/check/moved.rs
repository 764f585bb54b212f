//! Asking a server that refuses a token which sign-in service it names by now. The token stays where it is, and is sent to
//! nobody else.

use replug_core::{Credentials, Failure};

use super::ask::{Wants, climb_discovery};
use super::climb::Climb;
use crate::sign_in::{issuer_changed, moved_from};

impl Climb<'_> {
    /// That the server has moved to another sign-in service, when it has: then a refused token is no wonder.
    pub(super) async fn moved(&mut self, wants: &Wants, record: &Credentials) -> Option<Failure> {
        let connector = self.subject.connector.clone();
        let surroundings = self.engine.surroundings(&connector).await;
        let trace = self.ladder.trace().clone();
        let ctx = surroundings.context(&trace);
        let found = climb_discovery(&mut self.ladder, &ctx, wants.challenge(), (&connector, record)).await;
        // A service that cannot be found is on the ladder; the cause is still the refused token.
        let (_, service) = found.ok()?;
        let named = &service.metadata.issuer;
        moved_from(&connector, record, named).map(|from| issuer_changed(from, named))
    }
}
