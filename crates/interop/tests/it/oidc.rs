//! A certified OpenID provider: two forms in the browser, rotation that punishes a second use, registration with management.

use std::time::Duration;

use replug_core::State;
use replug_engine::wire::{ServiceAnswer, SignInStateName};
use replug_lab::JourneyEnd;

use crate::bench::Bench;
use crate::program::{Program, node, servers};

/// So little before the hour is over that a token is renewed, so much that it is still good.
const NEARLY_AN_HOUR: Duration = Duration::from_mins(55);

/// The provider with a server behind it, and a connector that is signed in.
async fn start() -> Option<(Program, Bench, replug_core::ConnectorId)> {
    let servers = servers()?;
    let program = Program::start(node(&servers, "oidc.js"));
    let ready = program.hear("ready ").await;
    let address = ready.split(' ').nth(1).unwrap().to_owned();
    let test = Bench::start().await;
    let id = test.signed_in(&address).await;
    Some((program, test, id))
}

#[tokio::test]
async fn two_forms_lead_to_a_sign_in_that_can_be_renewed() {
    let Some((program, test, id)) = start().await else { return };
    let journeys = test.person.until_finished(1).await;
    assert_eq!(journeys[0].end, JourneyEnd::Returned { status: 200 }, "{journeys:?}");
    let forms = journeys[0].steps.iter().filter(|step| step.method == "POST").count();
    assert_eq!(forms, 2, "one to sign in, one to allow: {journeys:?}");
    let opened = test.person.opened().remove(0);
    assert!(opened.contains("offline_access") && opened.contains("prompt=consent"), "{opened}");

    let connector = test.check(&id).await;
    assert_eq!(connector.health.state, State::Connected, "{:?}", connector.health);
    assert_eq!(connector.sign_in.renewable, Some(true));
    assert_eq!(test.tools(&id).await, ["whoami"]);
    assert_eq!(program.lines("granted"), ["granted authorization_code"]);
}

#[tokio::test]
async fn two_engines_at_once_spend_a_refresh_token_once() {
    let Some((program, test, id)) = start().await else { return };
    let other = test.beside().await;
    for round in 1..=3 {
        test.clock.advance(NEARLY_AN_HOUR);
        let (one, two) = tokio::join!(test.check(&id), other.check(&id));
        for connector in [one, two] {
            assert_eq!(connector.health.state, State::Connected, "{:?}", connector.health);
            assert_eq!(connector.sign_in.state, SignInStateName::SignedIn);
        }
        program.until_said("granted refresh_token", round).await;
    }
    assert_eq!(program.lines("granted refresh_token").len(), 3, "one for each round");
    assert!(program.lines("refused").is_empty() && program.lines("family revoked").is_empty());

    let test = test.restart().await;
    assert_eq!(test.check(&id).await.health.state, State::Connected);
    assert!(test.person.opened().is_empty() && other.person.opened().is_empty(), "no browser was needed");
}

#[tokio::test]
async fn forgetting_revokes_the_grant_and_deletes_the_registration() {
    let Some((program, test, id)) = start().await else { return };
    let done = test.engine.forget(&id).await.unwrap();
    assert_eq!((done.revoked, done.registration_deleted), (ServiceAnswer::Yes, ServiceAnswer::Yes));
    program.hear("family revoked").await;
    program.hear("client deleted").await;
    let connector = done.connector.unwrap();
    assert_eq!((connector.health.state, connector.sign_in.registration), (State::NeedsSignIn, None));
}
