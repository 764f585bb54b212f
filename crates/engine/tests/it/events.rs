//! What shells hear while something runs, in the order in which it happens.

use replug_core::State;
use replug_engine::wire::{Event, SignInStep};
use replug_engine::{EventStream, SignInOptions};

use crate::scene::Scene;

/// All events up to the end of a check.
async fn of_a_check(events: &mut EventStream) -> Vec<Event> {
    let mut heard = Vec::new();
    loop {
        let event = events.next().await.unwrap();
        let is_end = matches!(event, Event::CheckEnded { .. });
        heard.push(event);
        if is_end {
            return heard;
        }
    }
}

#[tokio::test]
async fn a_check_is_told_from_its_start_over_its_steps_to_its_end() {
    let scene = Scene::healthy().await.signed_in().await;
    let mut events = scene.test.engine.subscribe();
    scene.test.engine.check(Some(vec![scene.id.clone()])).await.unwrap();
    let heard = of_a_check(&mut events).await;
    let [Event::CheckStarted { id: started }, steps @ .., Event::CheckEnded { connector }] = heard.as_slice() else {
        panic!("started, steps, ended: {heard:?}");
    };
    let id = scene.id.to_string();
    assert_eq!((started, &connector.id, connector.health.state), (&id, &id, State::Connected));
    assert!(steps.len() >= 3, "{steps:?}");
    for step in steps {
        let Event::CheckStep { id: of, number, of: all } = step else { panic!("a step: {step:?}") };
        assert!(*of == id && *number >= 1 && number <= all, "{step:?}");
    }
}

#[tokio::test]
async fn a_sign_in_is_told_step_by_step_and_ends_with_the_verdict() {
    let scene = Scene::healthy().await;
    let mut events = scene.test.engine.subscribe();
    scene.test.engine.sign_in(&scene.id, SignInOptions::default()).await.unwrap().ended().await;
    let (mut steps, mut addresses) = (Vec::new(), 0);
    loop {
        match events.next().await.unwrap() {
            Event::SignIn { progress } => {
                addresses += usize::from(progress.step == SignInStep::Waiting && progress.plan.is_some());
                steps.push(progress.step);
                if progress.step == SignInStep::Done {
                    let connector = progress.connector.unwrap();
                    assert_eq!(connector.health.state, State::Connected);
                    break;
                }
            }
            Event::CheckEnded { .. } => assert_eq!(steps.last(), Some(&SignInStep::Checking)),
            _ => {}
        }
    }
    let expected =
        [SignInStep::Preparing, SignInStep::Waiting, SignInStep::Exchanging, SignInStep::Checking, SignInStep::Done];
    assert_eq!((steps.as_slice(), addresses), (expected.as_slice(), 1));
}

#[tokio::test]
async fn a_check_that_is_cancelled_ends_with_the_verdict_of_before() {
    let scene = Scene::healthy().await.signed_in().await;
    let before = scene.test.engine.get(&scene.id).await.unwrap();
    scene.server.change_faults(|faults| faults.front = replug_lab::Front::Silent);
    let mut events = scene.test.engine.subscribe();
    scene.test.engine.check(Some(vec![scene.id.clone()])).await.unwrap();
    scene.server.requests().until(|asked| asked.last().is_some_and(|last| last.status.is_none())).await;
    scene.test.engine.cancel_check(&scene.id);
    let heard = of_a_check(&mut events).await;
    let Some(Event::CheckEnded { connector }) = heard.last() else { panic!("{heard:?}") };
    assert_eq!(**connector, before);
}

#[tokio::test]
async fn a_shell_that_was_too_slow_still_hears_how_a_sign_in_ended() {
    let scene = Scene::healthy().await;
    let mut events = scene.test.engine.subscribe();
    let done = scene.sign_in().await;
    // More steps of checks than the backlog holds, so that the last word of the sign-in is pushed out of it.
    for _ in 0..200 {
        scene.check().await;
    }
    assert_eq!(events.next().await, Some(Event::ConnectorsChanged), "something was missed");
    let Some(Event::SignIn { progress }) = events.next().await else { panic!("the sign-in comes next") };
    assert_eq!(*progress, done);
    let mut later = 0;
    while let Ok(event) = tokio::time::timeout(std::time::Duration::ZERO, events.next()).await {
        assert!(!matches!(event, Some(Event::SignIn { .. })), "once: {event:?}");
        later += 1;
    }
    assert!(later > 1_000, "the rest of the backlog comes as it was: {later}");
}
