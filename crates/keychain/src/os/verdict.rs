//! What an error of a system's keychain means, from its number or name alone. How the number is got out of the error is the
//! business of the file for that system, so that the meaning of all of them can be tested on any.

/// The kinds of failure that lead to different ways out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A person must unlock it, or did not want to.
    Locked,
    /// There is none, or it cannot be used from this session.
    Missing,
    /// It refuses this program.
    Denied,
    /// The value does not fit.
    #[cfg_attr(not(windows), allow(dead_code, reason = "only Windows has a limit"))]
    TooLong,
    /// The connection is dead; a new one may work.
    #[cfg_attr(any(windows, target_os = "macos"), allow(dead_code, reason = "only the Secret Service has connections"))]
    Stale,
    /// Anything else.
    Failed,
}

/// The name of a D-Bus error (D-Bus specification; Secret Service API 0.2, "Errors").
#[cfg_attr(any(windows, target_os = "macos"), allow(dead_code, reason = "tested on every system, used on one"))]
pub(super) fn of_dbus_name(name: &str) -> Verdict {
    match name {
        "org.freedesktop.Secret.Error.IsLocked" => Verdict::Locked,
        // The service answers, but knows the session no more: it was restarted.
        "org.freedesktop.Secret.Error.NoSession"
        | "org.freedesktop.DBus.Error.NoReply"
        | "org.freedesktop.DBus.Error.Disconnected" => Verdict::Stale,
        "org.freedesktop.DBus.Error.ServiceUnknown"
        | "org.freedesktop.DBus.Error.NameHasNoOwner"
        | "org.freedesktop.DBus.Error.NoServer" => Verdict::Missing,
        "org.freedesktop.DBus.Error.AccessDenied" | "org.freedesktop.DBus.Error.AuthFailed" => Verdict::Denied,
        // The bus tried to start the service, and it did not start.
        name if name.starts_with("org.freedesktop.DBus.Error.Spawn.") => Verdict::Missing,
        _ => Verdict::Failed,
    }
}

/// A status of the macOS Keychain (`SecBase.h`).
#[cfg_attr(not(target_os = "macos"), allow(dead_code, reason = "tested on every system, used on one"))]
pub(super) const fn of_macos_status(status: i32) -> Verdict {
    match status {
        // Interaction not allowed, as over SSH; user cancelled.
        -25308 | -128 => Verdict::Locked,
        // Not available; no such keychain; invalid keychain; no default keychain.
        -25291 | -25294 | -25295 | -25307 => Verdict::Missing,
        // Authorisation failed; read only; owner differs; write permission; missing entitlement.
        -25293 | -25292 | -25244 | -61 | -34018 => Verdict::Denied,
        _ => Verdict::Failed,
    }
}

/// The text of a Windows error, which ends with its number (`Windows error code 5`).
#[cfg_attr(not(windows), allow(dead_code, reason = "tested on every system, used on one"))]
pub(super) fn of_windows_text(text: &str) -> Verdict {
    text.rsplit(' ').next().and_then(|number| number.parse().ok()).map_or(Verdict::Failed, of_windows_error)
}

/// An error of the Windows Credential Manager (`winerror.h`).
const fn of_windows_error(code: u32) -> Verdict {
    match code {
        // No such logon session: a network logon, as over SSH, cannot keep credentials.
        1312 => Verdict::Missing,
        // Access denied.
        5 => Verdict::Denied,
        // "The stub received bad data": how `CredWrite` answers a value that is too long.
        1783 => Verdict::TooLong,
        _ => Verdict::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_without_a_secret_service_means_that_there_is_no_keychain() {
        for name in ["ServiceUnknown", "NameHasNoOwner", "Spawn.ServiceNotFound", "Spawn.ChildExited"] {
            let verdict = of_dbus_name(&format!("org.freedesktop.DBus.Error.{name}"));
            assert_eq!(verdict, Verdict::Missing, "{name}: the file is offered instead");
        }
    }

    #[test]
    fn a_restarted_secret_service_is_asked_again() {
        assert_eq!(of_dbus_name("org.freedesktop.Secret.Error.NoSession"), Verdict::Stale);
    }

    #[test]
    fn a_locked_keychain_is_told_from_one_that_refuses_this_program() {
        assert_eq!(of_dbus_name("org.freedesktop.Secret.Error.IsLocked"), Verdict::Locked);
        assert_eq!(of_dbus_name("org.freedesktop.DBus.Error.AccessDenied"), Verdict::Denied);
        assert_eq!(of_macos_status(-25308), Verdict::Locked, "no window can be shown, as over SSH");
        assert_eq!(of_macos_status(-128), Verdict::Locked, "the person closed the question");
        assert_eq!(of_macos_status(-25293), Verdict::Denied, "the item belongs to another program");
        assert_eq!(of_windows_text("Windows error code 5"), Verdict::Denied);
    }

    #[test]
    fn a_network_logon_on_windows_has_no_keychain() {
        assert_eq!(of_windows_text("Windows error code 1312"), Verdict::Missing);
    }

    #[test]
    fn an_unknown_error_is_no_reason_to_offer_another_store() {
        assert_eq!(of_dbus_name("org.example.Odd"), Verdict::Failed);
        assert_eq!(of_macos_status(-1), Verdict::Failed);
        assert_eq!(of_windows_text("Windows error code 1"), Verdict::Failed);
        assert_eq!(of_windows_text("Windows ERROR_INVALID_FLAGS"), Verdict::Failed);
    }
}
