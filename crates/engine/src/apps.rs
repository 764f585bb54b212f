//! The AI apps on this computer, with their files; and reading those files for every use case that needs to know what is in
//! them. What their entries mean for connectors is in `scan`.

use std::path::PathBuf;

use replug_apps::{APPS, ClientApp, FoundFile, Scan, StoredFinding, stored_findings};
use replug_core::{Code, Failure};

use crate::Engine;
use crate::wire::{AppFile, FoundApp};

impl Engine {
    /// The AI apps of which files were found here. Nothing is started and nobody is asked.
    pub async fn apps(&self) -> Result<Vec<FoundApp>, Failure> {
        let (scan, _) = self.look_through_apps().await?;
        Ok(APPS.iter().filter_map(|app| found_app(app, &scan)).collect())
    }

    /// The folders that are looked through for projects besides those that apps name.
    pub async fn folders(&self) -> Result<Vec<String>, Failure> {
        Ok(self.edges().store.folders().await?)
    }

    /// Looks through this folder, too, from now on.
    ///
    /// Fails with `RPL-USE-SETTING-INVALID` when it is not the whole path of a folder.
    pub async fn add_folder(&self, path: &str) -> Result<(), Failure> {
        let folder = PathBuf::from(path);
        let is_folder = folder.is_absolute() && tokio::fs::metadata(&folder).await.is_ok_and(|found| found.is_dir());
        if !is_folder {
            return Err(Failure::new(Code::UseSettingInvalid)
                .with_text("This is not the whole path of a folder.")
                .with_fact("Folder", path));
        }
        Ok(self.edges().store.add_folder(path).await?)
    }

    /// Leaves a folder out from now on. Connectors that were taken over from it stay.
    pub async fn remove_folder(&self, path: &str) -> Result<(), Failure> {
        Ok(self.edges().store.remove_folder(path).await?)
    }

    /// Reads every file of every app, with what the apps stored for sign-ins of their own.
    pub(crate) async fn look_through_apps(&self) -> Result<(Scan, Vec<StoredFinding>), Failure> {
        let mut folders: Vec<PathBuf> = self.folders().await?.into_iter().map(PathBuf::from).collect();
        let entries = self.edges().store.project_entries().await?;
        folders.extend(entries.into_iter().map(|(_, entry)| PathBuf::from(entry.folder)));
        let (computer, now) = (self.edges().computer.clone(), self.edges().clock.now());
        blocking(move || {
            let scan = replug_apps::scan(&computer, &folders);
            let stored = stored_findings(&computer, &scan, now);
            (scan, stored)
        })
        .await
    }
}

/// Runs work that waits for the disk where it holds nobody up.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::new(Code::LocalInternal).with_fact("Reason", error.to_string()))
}

fn found_app(app: &ClientApp, scan: &Scan) -> Option<FoundApp> {
    let mut files: Vec<AppFile> = Vec::new();
    for file in scan.files.iter().filter(|file| file.app.id == app.id) {
        let file = app_file(file);
        // One file has a scope for each folder that it names.
        if !files.iter().any(|known| (&known.path, &known.scope) == (&file.path, &file.scope)) {
            files.push(file);
        }
    }
    // Nothing that lies on the disk in the same way on every system says which version an app is.
    (!files.is_empty()).then(|| FoundApp { id: app.id.to_owned(), name: app.name.to_owned(), version: None, files })
}

fn app_file(file: &FoundFile) -> AppFile {
    AppFile {
        path: file.path.display().to_string(),
        scope: file.scope.as_str().to_owned(),
        readable: file.problem.is_none(),
        text: file_trouble(file).map(|failure| {
            let facts: Vec<&str> = failure.facts.iter().map(|fact| fact.value.as_str()).collect();
            format!("{} ({})", failure.sentence(), facts.join(", "))
        }),
    }
}

/// Why a file cannot be read, or is never changed.
pub(crate) fn file_trouble(file: &FoundFile) -> Option<Failure> {
    if let Some(problem) = &file.problem {
        return Some(Failure::new(Code::AppFileUnreadable).with_fact("Reason", problem.to_string()));
    }
    let key = file.duplicate.as_ref()?;
    Some(Failure::new(Code::AppFileReadOnly).with_fact("Reason", format!("the key `{key}` stands in it twice")))
}
