//! The application's own settings, and what it says about itself.

use replug_core::{ConnectorId, Failure};

use crate::Engine;
use crate::wire::{About, AppSettings, SelfTest, SelfTestStep};

const KEY: &str = "app";
/// The shortest interval between background checks, in seconds: anything less would be a burden on servers.
const SHORTEST: u32 = 60;

impl Engine {
    /// The application's settings; the defaults where nothing was set.
    pub async fn settings(&self) -> Result<AppSettings, Failure> {
        let stored = self.edges().store.setting(KEY).await?;
        Ok(stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
    }

    /// Keeps the application's settings. Intervals below a minute become a minute.
    pub async fn set_settings(&self, settings: &AppSettings) -> Result<(), Failure> {
        let settings = AppSettings { check_every_s: settings.check_every_s.max(SHORTEST), ..settings.clone() };
        let value = serde_json::to_value(&settings)
            .map_err(|error| Failure::new(replug_core::Code::LocalInternal).with_fact("Reason", error.to_string()))?;
        Ok(self.edges().store.set_setting(KEY, &value).await?)
    }

    /// Writes, reads back and deletes a throw-away item in the keychain.
    pub async fn keychain_test(&self) -> SelfTest {
        let test = self.edges().keychain.self_test(self.patience()).await;
        SelfTest {
            store: test.store,
            ok: test.ok,
            steps: test
                .steps
                .into_iter()
                .map(|step| SelfTestStep {
                    step: step.step.to_owned(),
                    ok: step.ok,
                    duration_ms: step.duration_ms,
                    error: step.error.as_ref().map(Into::into),
                })
                .collect(),
        }
    }

    /// Versions and places, for the settings page and for support.
    pub async fn about(&self) -> Result<About, Failure> {
        // Reading what is not there changes nothing, and fails where anything would.
        let nobody = ConnectorId::random(self.edges().random.as_ref());
        let problem = self.edges().keychain.read(&nobody, self.patience()).await.err();
        Ok(About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            sqlite: self.edges().store.sqlite_version().await?,
            data_dir: self.data_dir().display().to_string(),
            stored_in: self.edges().keychain.kind(),
            keychain_problem: problem.map(Into::into),
        })
    }
}
