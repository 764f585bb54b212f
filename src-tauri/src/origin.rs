//! Which addresses the window may load as a page. Addresses for the person's browser are judged in `replug-net`, not here.

use replug_engine::Platform;
use tauri::Url;

/// Whether `target` is Replug's own page: the embedded user interface, or `dev_server` in a development build.
///
/// Everything else is refused, so that neither a link nor a script can replace the page that may call the commands.
pub(crate) fn is_own_page(platform: Platform, target: &Url, dev_server: Option<&Url>) -> bool {
    // The web view of Windows knows no schemes of programs; Tauri maps its own to a host, and answers for it itself. Anywhere
    // else that name would be looked up on the network.
    let embedded = match platform {
        Platform::Linux | Platform::MacOs => target.scheme() == "tauri" && target.host_str() == Some("localhost"),
        Platform::Windows => {
            matches!(target.scheme(), "http" | "https") && target.host_str() == Some("tauri.localhost")
        }
    };
    embedded && target.port().is_none() || dev_server.is_some_and(|dev| dev.origin() == target.origin())
}

#[cfg(test)]
mod tests {
    use super::{Platform, is_own_page};
    use tauri::Url;

    const ALL: [Platform; 3] = [Platform::Linux, Platform::MacOs, Platform::Windows];

    fn judged(platform: Platform, target: &str, dev: Option<&str>) -> bool {
        let dev = dev.map(|dev| Url::parse(dev).expect("a test address"));
        is_own_page(platform, &Url::parse(target).expect("a test address"), dev.as_ref())
    }

    #[test]
    fn the_embedded_page_is_allowed_where_the_system_has_it_and_nowhere_else() {
        for platform in ALL {
            let windows = platform == Platform::Windows;
            for own in ["tauri://localhost/", "tauri://localhost/index.html#/repairs"] {
                assert_eq!(judged(platform, own, None), !windows, "{own} on {platform:?}");
            }
            for own in ["http://tauri.localhost/", "https://tauri.localhost/index.html"] {
                assert_eq!(judged(platform, own, None), windows, "{own} on {platform:?}");
            }
        }
    }

    #[test]
    fn every_other_page_is_refused() {
        let foreign = [
            "https://server.example/",
            "http://tauri.localhost.server.example/",
            "http://tauri.server.example/",
            "http://tauri.localhost:8080/",
            "http://localhost:5183/",
            "tauri://server.example/",
            "file:///etc/hostname",
            "data:text/html,hello",
            "about:blank",
        ];
        for (target, platform) in foreign.into_iter().flat_map(|target| ALL.map(|platform| (target, platform))) {
            assert!(!judged(platform, target, None), "{target} on {platform:?} would replace the page");
        }
    }

    #[test]
    fn the_development_server_is_allowed_only_where_it_is_configured() {
        let dev = Some("http://localhost:5183");
        let judged = |target| judged(Platform::Linux, target, dev);
        assert!(judged("http://localhost:5183/index.html"));
        assert!(!judged("http://localhost:5184/"));
        assert!(!judged("https://localhost:5183/"));
    }
}
