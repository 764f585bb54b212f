//! The Secret Service (freedesktop.org), as GNOME, KDE and some password keepers offer it, spoken over D-Bus. The kernel's
//! keyutils are not here on purpose: what they hold ends with the session.

use std::io::ErrorKind;
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};
use secret_service::blocking::SecretService;
use secret_service::{EncryptionType, Error as ServiceError};
use zbus::DBusError as _;
use zbus_secret_service_keyring_store::Store;
use zbus_secret_service_keyring_store::cred::Specifier;

use super::verdict::{Verdict, of_dbus_name};

pub(super) const MAX_ITEM_BYTES: Option<usize> = None;
pub(super) const HAS_LABELS: bool = true;

/// The collection that ends with the session (Secret Service API 0.2, "Collection").
const SESSION_COLLECTION: &str = "/org/freedesktop/secrets/collection/session";

/// A second connection that only asks questions: the store's own would show the person a window.
pub(super) struct Watch {
    service: SecretService<'static>,
}

impl Watch {
    /// Connects, and makes sure that there is a default collection that outlives the session.
    pub(super) fn connect() -> Result<Self, Error> {
        // No secret passes over this connection, so it needs no encryption of its own.
        let service = SecretService::connect(EncryptionType::Plain).map_err(platform)?;
        let lasting = match service.get_default_collection() {
            Ok(collection) => collection.collection_path.as_str() != SESSION_COLLECTION,
            Err(error) => return Err(platform(error)),
        };
        if lasting { Ok(Self { service }) } else { Err(platform(ServiceError::Unavailable)) }
    }

    pub(super) fn locked(&self) -> Result<bool, Error> {
        self.service.get_default_collection().and_then(|collection| collection.is_locked()).map_err(platform)
    }
}

pub(super) fn connect() -> Result<Arc<CredentialStore>, Error> {
    Ok(Store::new()?)
}

/// Gives an item that was there before the connector's new name. Nothing depends on it, so a failure is only noted.
pub(super) fn relabel(entry: &Entry, label: &str) {
    let Some(specifier) = entry.as_any().downcast_ref::<Specifier>() else {
        return;
    };
    let outcome = match specifier.get_label() {
        Ok(current) if current == label => return,
        Ok(_) => specifier.set_label(label),
        Err(error) => Err(error),
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "the label of a keychain item could not be changed");
    }
}

pub(super) fn judge(error: &Error) -> Verdict {
    let (Error::PlatformFailure(inner) | Error::NoStorageAccess(inner)) = error else {
        return Verdict::Failed;
    };
    match inner.downcast_ref::<ServiceError>() {
        // A dismissed prompt leaves the keychain as locked as it was.
        Some(ServiceError::Locked | ServiceError::Prompt) => Verdict::Locked,
        Some(ServiceError::PromptDisconnected) => Verdict::Stale,
        // No bus; or nothing there that could hold an item.
        Some(ServiceError::Unavailable | ServiceError::NoResult) => Verdict::Missing,
        Some(ServiceError::Zbus(error)) => judge_bus(error),
        Some(ServiceError::ZbusFdo(error)) => of_dbus_name(&error.name()),
        _ => Verdict::Failed,
    }
}

fn judge_bus(error: &zbus::Error) -> Verdict {
    match error {
        zbus::Error::MethodError(name, ..) => of_dbus_name(name.as_str()),
        zbus::Error::FDO(error) => of_dbus_name(&error.name()),
        zbus::Error::Address(_) | zbus::Error::InterfaceNotFound | zbus::Error::Connection(..) => Verdict::Missing,
        zbus::Error::InputOutput(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => Verdict::Missing,
            ErrorKind::PermissionDenied => Verdict::Denied,
            // The bus or the service went away.
            _ => Verdict::Stale,
        },
        _ => Verdict::Failed,
    }
}

fn platform(error: ServiceError) -> Error {
    Error::PlatformFailure(Box::new(error))
}
