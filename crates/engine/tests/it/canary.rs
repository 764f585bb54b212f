//! No secret in any file: after everything that can happen to a sign-in, nothing that was typed or issued is found below the
//! data folder, in whatever way it could be written. A planted file shows that the search finds what is there.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use replug_engine::wire::{EditConnector, SecretEdit};
use replug_lab::{AuthFaults, ClientMethod, Conduct, Front, Guard, McpFaults, PreRegistered};

use crate::scene::{Scene, TOKEN_LIFE, expect_signed_in, free_port};

/// Bytes of a disguise that are looked up first; none is shorter.
const BEGINNING: usize = 8;
const CLIENT_SECRET: &str = "canary client-secret/+=&";
const HEADER: &str = "canary-header-value-5f0c";
const QUERY: &str = "canary-query-value-77ab";

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// The ways in which a secret could stand in a file, each with its name.
fn disguises(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = secret.as_bytes();
    let percent: String = url::form_urlencoded::byte_serialize(bytes).collect();
    let joined = |format: fn(&u8) -> String| bytes.iter().map(format).collect::<String>().into_bytes();
    let mut disguises = vec![
        ("raw", bytes.to_vec()),
        ("JSON", serde_json::to_string(secret).unwrap().trim_matches('"').as_bytes().to_vec()),
        ("form-encoded", percent.clone().into_bytes()),
        ("percent-encoded", percent.replace('+', "%20").into_bytes()),
        ("percent-encoded throughout", joined(|byte| format!("%{byte:02X}"))),
        ("hex", joined(|byte| format!("{byte:02x}"))),
        ("upper-case hex", joined(|byte| format!("{byte:02X}"))),
        ("UTF-16LE", secret.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("UTF-16BE", secret.encode_utf16().flat_map(u16::to_be_bytes).collect()),
    ];
    for shift in 0..3 {
        disguises.push(("base64", inner_base64(&STANDARD_NO_PAD, bytes, shift)));
        disguises.push(("base64url", inner_base64(&URL_SAFE_NO_PAD, bytes, shift)));
    }
    disguises
}

/// The base64 characters that stand for these bytes alone, when `shift` others come before them and any others after.
fn inner_base64(alphabet: &impl base64::Engine, bytes: &[u8], shift: usize) -> Vec<u8> {
    let padded: Vec<u8> = std::iter::repeat_n(0, shift).chain(bytes.iter().copied()).collect();
    let whole = alphabet.encode(&padded).into_bytes();
    let first = [0, 2, 3][shift];
    let last = padded.len() * 8 / 6;
    whole[first..last].to_vec()
}

/// A secret in one of its disguises.
struct Needle {
    content: Vec<u8>,
    what: String,
}

/// Where which of the secrets stands, and how it is written. One pass over each file, however many there are to find.
fn leaks(folder: &Path, secrets: &[String]) -> Vec<String> {
    let mut needles: HashMap<Vec<u8>, Vec<Needle>> = HashMap::new();
    for secret in secrets {
        for (name, content) in disguises(secret) {
            let what = format!("{}… {name}", &secret[..BEGINNING]);
            needles.entry(content[..BEGINNING].to_vec()).or_default().push(Needle { content, what });
        }
    }
    let mut leaks = Vec::new();
    for path in files(folder) {
        let content = fs::read(&path).unwrap();
        for (at, beginning) in content.windows(BEGINNING).enumerate() {
            let candidates = needles.get(beginning).into_iter().flatten();
            let found = candidates.filter(|needle| content[at..].starts_with(&needle.content));
            leaks.extend(found.map(|needle| format!("{} holds {}", path.display(), needle.what)));
        }
    }
    leaks
}

/// A connector with every kind of secret, signed in.
async fn scene() -> Scene {
    let port = free_port();
    let headers = vec![("X-Canary".to_owned(), SecretEdit::Set(HEADER.to_owned()))];
    let settings = EditConnector {
        client_id: Some("client-by-hand".to_owned()),
        client_secret: SecretEdit::Set(CLIENT_SECRET.to_owned()),
        callback_port: Some(port),
        headers: Some(headers),
        ..EditConnector::default()
    };
    let scene = Scene::with_settings(AuthFaults::default(), McpFaults::default(), settings).await;
    scene.auth.add_client(PreRegistered {
        id: "client-by-hand".to_owned(),
        secret: Some(CLIENT_SECRET.to_owned()),
        method: ClientMethod::Basic,
        redirect_uris: vec![format!("http://127.0.0.1:{port}/callback")],
    });
    let address = Some(format!("{}?key={QUERY}", scene.server.address()));
    scene.edit(EditConnector { address, ..EditConnector::default() }).await;
    scene.signed_in().await
}

/// Everything that goes wrong once, at a connector that registered itself or was entered by hand.
async fn live_through_everything(scene: &Scene) {
    let fronts =
        [Front::Plain { status: 503, body: HEADER.to_owned() }, Front::Firewall { status: 403 }, Front::CutOff];
    for front in fronts {
        scene.test.clock.advance(TOKEN_LIFE);
        scene.auth.change_faults(|faults| faults.token.front = Front::first(1, front.clone()));
        scene.server.change_faults(|faults| faults.front = Front::first(1, front));
        scene.check().await;
        scene.check().await;
    }
    scene.server.change_faults(|faults| faults.guard = Guard::Refuses);
    scene.check().await;
    scene.test.engine.diagnose(&scene.id).await.unwrap();
    scene.server.change_faults(|faults| faults.guard = Guard::Everything);
    scene.auth.revoke_everything();
    scene.check().await;
    scene.test.person.set_conduct(Conduct::Deny);
    scene.sign_in().await;
    scene.test.person.set_conduct(Conduct::Allow);
    expect_signed_in(&scene.sign_in().await);
    scene.test.engine.diagnose(&scene.id).await.unwrap();
    scene.test.engine.tools(&scene.id).await.unwrap();
}

/// Every `state` that was sent through the browser.
fn states(scene: &Scene) -> Vec<String> {
    let state = |address: &String| {
        let url = url::Url::parse(address).unwrap();
        url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
    };
    scene.test.person.opened().iter().map(state).collect()
}

#[tokio::test]
async fn no_secret_is_in_any_file_after_everything_that_can_happen() {
    let scene = scene().await;
    live_through_everything(&scene).await;
    let mut secrets: Vec<String> = [CLIENT_SECRET, HEADER, QUERY].map(str::to_owned).into();
    secrets.extend(states(&scene));
    let dynamic = Scene::on(scene.test, AuthFaults::default(), McpFaults::default(), EditConnector::default()).await;
    let dynamic = dynamic.signed_in().await;
    live_through_everything(&dynamic).await;
    secrets.extend(states(&dynamic));
    secrets.extend(scene.auth.issued_secrets());
    secrets.extend(dynamic.auth.issued_secrets());
    assert!(secrets.len() > 20, "there was something to find: {}", secrets.len());

    let folder = dynamic.test.folder().to_owned();
    assert!(files(&folder).iter().any(|path| path.ends_with("replug.db")), "{:?}", files(&folder));
    assert_eq!(leaks(&folder, &secrets), Vec::<String>::new());
    // Also what is written back only when the database is closed, and what is kept beside it.
    let dynamic = dynamic.restarted().await;
    dynamic.test.engine.export(&folder.join("export.json")).await.unwrap();
    assert_eq!(leaks(&folder, &secrets), Vec::<String>::new());
}

#[test]
fn the_search_finds_a_planted_secret_in_every_disguise() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "canary/planted+secret=\"1\"".to_owned();
    let plain = secret.as_bytes();
    for (number, (name, disguise)) in disguises(&secret).into_iter().enumerate() {
        let path = folder.path().join("locks").join(format!("{number}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let around = [b"\x00before".as_slice(), &disguise, b"after\xff"].concat();
        fs::write(&path, around).unwrap();
        assert!(!leaks(folder.path(), std::slice::from_ref(&secret)).is_empty(), "{name}");
        fs::remove_file(path).unwrap();
    }
    for shift in 0..4 {
        let text = [&b"{\"x\":"[..shift], plain, b"tail"].concat();
        fs::write(folder.path().join("planted"), STANDARD_NO_PAD.encode(text)).unwrap();
        assert!(!leaks(folder.path(), std::slice::from_ref(&secret)).is_empty(), "in base64 after {shift} bytes");
    }
    fs::write(folder.path().join("planted"), "nothing of it").unwrap();
    assert!(leaks(folder.path(), &[secret]).is_empty());
}
