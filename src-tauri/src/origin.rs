//! Which addresses the window may load as a page. Addresses for the person's browser are judged in `replug-net`, not here.

use tauri::Url;

/// Whether `target` is Replug's own page: the embedded user interface, or `dev_server` in a development build.
///
/// Everything else is refused, so that neither a link nor a script can replace the page that may call the commands.
pub(crate) fn is_own_page(target: &Url, dev_server: Option<&Url>) -> bool {
    let embedded = match (target.scheme(), target.host_str()) {
        // Linux and macOS have a scheme of their own; Windows maps it to a host that no resolver knows.
        ("tauri", Some("localhost")) | ("http" | "https", Some("tauri.localhost")) => true,
        _ => false,
    };
    embedded && target.port().is_none() || dev_server.is_some_and(|dev| dev.origin() == target.origin())
}

#[cfg(test)]
mod tests {
    use super::is_own_page;
    use tauri::Url;

    fn judged(target: &str, dev: Option<&str>) -> bool {
        let dev = dev.map(|dev| Url::parse(dev).expect("a test address"));
        is_own_page(&Url::parse(target).expect("a test address"), dev.as_ref())
    }

    #[test]
    fn the_embedded_page_is_allowed_on_every_system() {
        for own in ["tauri://localhost/", "tauri://localhost/index.html#/repairs", "http://tauri.localhost/"] {
            assert!(judged(own, None), "{own} is the window's own page");
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
        for target in foreign {
            assert!(!judged(target, None), "{target} would replace the page that may call the commands");
        }
    }

    #[test]
    fn the_development_server_is_allowed_only_where_it_is_configured() {
        let dev = Some("http://localhost:5183");
        assert!(judged("http://localhost:5183/index.html", dev));
        assert!(!judged("http://localhost:5184/", dev));
        assert!(!judged("https://localhost:5183/", dev));
    }
}
