//! The application's own settings, and what it says about itself.

use replug_core::Failure;
use replug_keychain::SecretsFile;
use serde_json::Value;

use crate::wire::{About, AppSettings, SelfTest, SelfTestStep};
use crate::{Engine, change};

const KEY: &str = "app";
/// The shortest interval between background checks, in seconds: anything less would be a burden on servers.
const SHORTEST: u32 = 60;

impl Engine {
    /// The application's settings; the defaults where nothing was set.
    pub async fn settings(&self) -> Result<AppSettings, Failure> {
        let stored = self.edges().store.setting(KEY).await?;
        Ok(stored.and_then(|value| serde_json::from_value(known(value)).ok()).unwrap_or_default())
    }

    /// Keeps the application's settings. Intervals below a minute become a minute.
    ///
    /// Fails with `RPL-USE-SETTING-INVALID`, naming the setting.
    pub async fn set_settings(&self, settings: &AppSettings) -> Result<(), Failure> {
        let mut document = None;
        change::set_document(&mut document, settings.client_document.as_deref())?;
        let check_every_s = settings.check_every_s.max(SHORTEST);
        let settings = AppSettings { check_every_s, client_document: document, ..settings.clone() };
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
        let keychain = &self.edges().keychain;
        let problem = keychain.look(self.patience()).await.err();
        Ok(About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            sqlite: self.edges().store.sqlite_version().await?,
            data_dir: self.data_dir().display().to_string(),
            stored_in: keychain.kind(),
            keychain_problem: problem.map(Into::into),
            passphrase_needed: keychain.is_shut(),
            has_file: SecretsFile::of(self.data_dir()).exists(),
            notice: self.inner.notice.get().map(Into::into),
        })
    }
}

/// What this version knows of the stored settings. A newer one may have kept more, and that must not cost the rest.
fn known(mut stored: Value) -> Value {
    if let (Some(members), Ok(Value::Object(defaults))) =
        (stored.as_object_mut(), serde_json::to_value(AppSettings::default()))
    {
        members.retain(|name, _| defaults.contains_key(name));
    }
    stored
}
