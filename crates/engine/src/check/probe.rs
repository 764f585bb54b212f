//! "What is at this address?": the same climb as a check, for a connector that is not saved, put into words.

use replug_core::{Code, Failure, State};
use replug_keychain::Patience;

use super::climb::{Climb, Climbed, Ended, Subject};
use super::ladder::Ladder;
use super::verdict::Conclusion;
use super::{Manner, WHOLE_CHECK, too_slow};
use crate::Engine;
use crate::connectors::Draft;
use crate::view;
use crate::wire::{ErrorBody, NewConnector, Probe, ProbeKind};

impl Engine {
    /// Asks what is at an address. Nothing is saved.
    ///
    /// Fails only when the address or a setting cannot be used; what the server does wrong is part of the answer.
    pub async fn probe(&self, new: &NewConnector) -> Result<Probe, Failure> {
        let draft = self.draft(new)?;
        Ok(Box::pin(self.probe_draft(&draft)).await.0)
    }

    /// The answer, and what stopped the climb.
    pub(crate) async fn probe_draft(&self, draft: &Draft) -> (Probe, Option<Failure>) {
        let ladder = Ladder::new(Box::new(|_| {}));
        let mut climb = Climb::new(self, ladder, subject(draft));
        let ended = tokio::time::timeout(WHOLE_CHECK, climb.run()).await;
        let (conclusion, climbed) = ended.unwrap_or_else(|_| {
            climb.cut_off(&too_slow());
            (Conclusion::Stopped(too_slow()), Climbed::default())
        });
        let Ended { conclusion, duration_ms, steps, .. } = climb.finish(conclusion);
        let (kind, text, error) = words(&conclusion, &climbed);
        let service = climbed.asked.as_ref().map(|asked| &asked.service);
        let probe = Probe {
            kind: Some(kind),
            text,
            address: draft.address.to_string(),
            name: draft.suggested_name(climbed.server.as_deref()),
            sign_in_host: service.and_then(|service| host_of(&service.authorization_endpoint)),
            registration: service.map(|service| registration(draft, service).to_owned()),
            server: climbed.server,
            tools: match &conclusion {
                Conclusion::Answered(answered) if answered.broken.is_none() => Some(answered.tools),
                Conclusion::Answered(_) | Conclusion::Stopped(_) => None,
            },
            error,
            steps: view::steps(steps),
            duration_ms,
        };
        let stopped = match conclusion {
            Conclusion::Stopped(failure) => Some(failure),
            Conclusion::Answered(_) => None,
        };
        (probe, stopped)
    }
}

fn subject(draft: &Draft) -> Subject {
    let connector = replug_core::Connector {
        id: draft.record.connector.clone(),
        name: draft.suggested_name(None),
        address: draft.address.clone(),
        transport: None,
        protocol: None,
        paused: false,
        settings: draft.settings.clone(),
        sources: Vec::new(),
    };
    let manner = Manner::usual(Patience::Window);
    Subject { connector, facts: None, manner, draft: Some(draft.record.duplicate_inputs()) }
}

fn words(conclusion: &Conclusion, climbed: &Climbed) -> (ProbeKind, String, Option<ErrorBody>) {
    let failure = match conclusion {
        Conclusion::Answered(_) => {
            return (ProbeKind::Open, "It answers without a sign-in.".to_owned(), None);
        }
        Conclusion::Stopped(failure) => failure,
    };
    let error = Some(ErrorBody::from(failure));
    match failure.code {
        Code::AuthNever => (ProbeKind::SignIn, sign_in_words(climbed), None),
        Code::HttpKeyNeeded | Code::HttpKeyRefused => (ProbeKind::Key, failure.sentence().to_owned(), error),
        _ if climbed.challenged && state_needs_person(failure) => {
            (ProbeKind::SignIn, format!("It asks you to sign in. {}", failure.sentence()), error)
        }
        // It asks for a sign-in, and something about that is broken: worth keeping and diagnosing.
        _ if climbed.challenged => {
            (ProbeKind::SignIn, format!("It asks you to sign in, but: {}", failure.sentence()), error)
        }
        _ => (ProbeKind::NotMcp, failure.sentence().to_owned(), error),
    }
}

fn sign_in_words(climbed: &Climbed) -> String {
    let service = climbed.asked.as_ref().and_then(|asked| host_of(&asked.service.authorization_endpoint));
    service.map_or_else(
        || "It asks for a sign-in in the browser.".to_owned(),
        |host| format!("It asks for a sign-in in the browser, at {host}."),
    )
}

fn state_needs_person(failure: &Failure) -> bool {
    matches!(failure.code.info().state, Some(State::NeedsSignIn | State::NeedsSetup))
}

fn registration(draft: &Draft, service: &replug_oauth::ServiceMetadata) -> &'static str {
    match (&draft.settings.client_id, &service.registration_endpoint) {
        (Some(_), _) => "With the client ID from the settings",
        (None, Some(_)) => "Replug can register itself; you need nothing",
        (None, None) => "You need a client ID from the service",
    }
}

fn host_of(address: &str) -> Option<String> {
    url::Url::parse(address).ok()?.host_str().map(str::to_owned)
}
