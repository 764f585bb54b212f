//! Every type that crosses to a shell: the window, the command line and scripts read these and nothing else. No type in
//! here can hold a secret. The shapes are the stable interface; fields are added, never renamed.

mod apps;
mod backend;
mod connector;
mod keeping;
mod progress;

pub use apps::{
    AppFile, AppFinding, DefinitionField, DefinitionStanding, FindingCertainty, FoundApp, FoundConnector, LocalServer,
    ProjectDefinition, Scanned,
};
pub use backend::{
    About, Added, AppSettings, CodeEntry, ConnectorDetail, Day, DiagnosisStep, EditConnector, ErrorBody, NewConnector,
    Probe, ProbeKind, SecretEdit, SelfTest, SelfTestStep, ServiceAnswer, ServiceOutcome, SettingsView, Theme, Tool,
    ToolList,
};
pub use connector::{
    ActionView, ConnectorView, FindingView, HealthView, RegistrationView, SignInStateName, SignInView,
};
pub use keeping::{Keeping, Moved, Passphrase};
pub use progress::{DeviceCode, Event, SignInPlan, SignInProgress, SignInStep};

#[cfg(test)]
mod bindings {
    use ts_rs::{Config, ExportError, TS};

    use super::{
        About, Added, AppSettings, CodeEntry, ConnectorDetail, EditConnector, Event, FoundApp, Keeping, Moved,
        NewConnector, Probe, ProjectDefinition, Scanned, SelfTest, ServiceOutcome, ToolList,
    };

    /// One test for all, because ts-rs begins a file anew in each process. What is not named here is reached from these.
    #[test]
    fn export_bindings() -> Result<(), ExportError> {
        let config = Config::from_env();
        About::export_all(&config)?;
        Added::export_all(&config)?;
        AppSettings::export_all(&config)?;
        CodeEntry::export_all(&config)?;
        ConnectorDetail::export_all(&config)?;
        EditConnector::export_all(&config)?;
        Event::export_all(&config)?;
        FoundApp::export_all(&config)?;
        Keeping::export_all(&config)?;
        Moved::export_all(&config)?;
        NewConnector::export_all(&config)?;
        Probe::export_all(&config)?;
        ProjectDefinition::export_all(&config)?;
        Scanned::export_all(&config)?;
        SelfTest::export_all(&config)?;
        ServiceOutcome::export_all(&config)?;
        ToolList::export_all(&config)
    }
}
