//! Connectors: what goes in comes out, names are unique, changes are never lost.

use replug_core::{
    Allow, CallbackHost, CallbackSettings, Code, Connector, ConnectorId, Failure, Health, ServerAddress, Settings,
    Source, Transport,
};
use replug_store::{Store, StoreError, StoredConnector};

use crate::support::{Counting, Place, names, noon};

fn full(place: &Place, name: &str) -> Connector {
    let (address, _) = ServerAddress::parse("https://mcp.example:8443/a/mcp?key=hidden&b=", false).unwrap();
    Connector {
        address,
        transport: Some(Transport::StreamableHttp),
        protocol: Some("2025-11-25".to_owned()),
        paused: true,
        settings: Settings {
            client_id: Some("client".to_owned()),
            grant: Some(replug_core::GrantType::ClientCredentials),
            scope: Some("read write".to_owned()),
            client_name: Some("Name".to_owned()),
            client_document: Some("https://app.example/client.json".to_owned()),
            callback: CallbackSettings {
                host: Some(CallbackHost::Localhost),
                port: Some(4711),
                path: Some("/cb".to_owned()),
            },
            headers: vec!["x-team".to_owned()],
            params: vec![("audience".to_owned(), "a b".to_owned())],
            issuer: Some("https://login.example".to_owned()),
            allow: vec![Allow::PkceUnlisted],
            check_every_s: Some(900),
        },
        sources: vec![Source {
            app: "cursor".to_owned(),
            scope: Some("user".to_owned()),
            file: Some("mcp.json".to_owned()),
            entry: Some("docs".to_owned()),
        }],
        ..place.connector(name)
    }
}

#[tokio::test]
async fn connectors_come_back_whole_and_in_order_after_reopening() {
    let place = Place::new();
    let store = place.open().await;
    let connectors = [full(&place, "Zeta"), place.connector("alpha"), place.connector("Mid")];
    for connector in &connectors {
        store.insert(connector).await.unwrap();
    }
    store.close().await.unwrap();

    let expected: Vec<StoredConnector> = connectors
        .into_iter()
        .map(|connector| StoredConnector {
            connector,
            health: Health::unknown(),
            sign_in: None,
            created_at: noon(),
            awaits_approval: false,
            revision: 1,
        })
        .collect();
    assert_eq!(place.open().await.list().await.unwrap(), expected);
}

#[tokio::test]
async fn values_of_an_address_query_are_not_in_the_file() {
    let place = Place::new();
    let store = place.open().await;
    store.insert(&full(&place, "A")).await.unwrap();
    store.close().await.unwrap();
    let bytes = std::fs::read(place.database()).unwrap();
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"key="), "the name is stored");
    assert!(!holds(b"hidden"), "the value is not");
}

#[tokio::test]
async fn a_name_is_taken_whatever_its_case_in_any_script() {
    let place = Place::new();
    let store = place.open().await;
    for (first, second) in [("Docs", "dOCS"), ("Übung", "übung"), ("ΑΘΗΝΑ", "αθηνα"), ("Москва", "МОСКВА")]
    {
        store.insert(&place.connector(first)).await.unwrap();
        let error = store.insert(&place.connector(second)).await.unwrap_err();
        assert!(matches!(&error, StoreError::NameTaken { name } if name == second), "{error:?}");
        assert_eq!(Failure::from(error).code, Code::UseNameTaken);
    }
    assert_eq!(names(&store).await, ["Docs", "Übung", "ΑΘΗΝΑ", "Москва"]);
}

#[tokio::test]
async fn a_connector_may_change_the_case_of_its_own_name_but_not_take_anothers() {
    let place = Place::new();
    let store = place.open().await;
    let (one, two) = (place.connector("one"), place.connector("two"));
    store.insert_all(&[one.clone(), two.clone()]).await.unwrap();
    let renamed = store.update(&one.id, |connector| connector.name = "ONE".to_owned()).await.unwrap();
    assert_eq!((renamed.connector.name.as_str(), renamed.revision), ("ONE", 2));
    let refused = store.update(&two.id, |connector| connector.name = "One".to_owned()).await;
    assert!(matches!(refused, Err(StoreError::NameTaken { .. })), "{refused:?}");
    assert_eq!(names(&store).await, ["ONE", "two"]);
}

#[tokio::test]
async fn several_connectors_are_added_all_or_none() {
    let place = Place::new();
    let store = place.open().await;
    let result = store.insert_all(&[place.connector("a"), place.connector("b"), place.connector("A")]).await;
    assert!(matches!(result, Err(StoreError::NameTaken { .. })), "{result:?}");
    assert!(names(&store).await.is_empty(), "none was added");
}

#[tokio::test]
async fn a_connector_is_found_by_id_and_by_name_and_the_id_goes_first() {
    let place = Place::new();
    let store = place.open().await;
    let first = place.connector("Straße");
    let second = place.connector(first.id.as_str());
    store.insert_all(&[second.clone(), first.clone()]).await.unwrap();
    for (text, expected) in [
        (first.id.as_str(), Some(&first)),
        (second.id.as_str(), Some(&second)),
        ("STRAßE", Some(&first)),
        ("Stra", None),
        ("", None),
        ("%", None),
    ] {
        let found = store.find(text).await.unwrap().map(|stored| stored.connector);
        assert_eq!(found.as_ref(), expected, "{text}");
    }
}

#[tokio::test]
async fn changes_that_two_handles_make_at_once_are_all_kept() {
    let place = Place::new();
    let (one, two) = (place.open().await, place.open().await);
    let connector = place.connector("a");
    one.insert(&connector).await.unwrap();
    let change = async |store: &Store, header: &str| {
        for _ in 0..50 {
            let add = |connector: &mut Connector| connector.settings.headers.push(header.to_owned());
            store.update(&connector.id, add).await.unwrap();
        }
    };
    tokio::join!(change(&one, "one"), change(&two, "two"));
    let stored = one.get(&connector.id).await.unwrap().unwrap();
    let count = |header| stored.connector.settings.headers.iter().filter(|name| *name == header).count();
    assert_eq!((count("one"), count("two"), stored.revision), (50, 50, 101), "each was made to the newest row");
}

#[tokio::test]
async fn a_change_that_changes_nothing_leaves_the_revision() {
    let place = Place::new();
    let store = place.open().await;
    let connector = place.connector("a");
    store.insert(&connector).await.unwrap();
    assert_eq!(store.update(&connector.id, |_| ()).await.unwrap().revision, 1);
    assert_eq!(store.revision(&connector.id).await.unwrap(), Some(1));
}

#[tokio::test]
async fn a_removed_connector_is_gone_and_says_so() {
    let place = Place::new();
    let store = place.open().await;
    let connector = place.connector("a");
    store.insert(&connector).await.unwrap();
    assert!(store.delete(&connector.id).await.unwrap());
    assert!(!store.delete(&connector.id).await.unwrap(), "the second time there is nothing to remove");
    assert_eq!(store.get(&connector.id).await.unwrap(), None);
    assert_eq!(store.revision(&connector.id).await.unwrap(), None);
    let error = store.update(&connector.id, |_| ()).await.unwrap_err();
    assert_eq!(error.code(), Code::UseNoSuchConnector);
    store.insert(&place.connector("A")).await.expect("the name is free again");
}

#[tokio::test]
async fn hostile_text_comes_back_as_it_was() {
    let place = Place::new();
    let store = place.open().await;
    let texts = [
        "'; DROP TABLE connectors; --",
        "\"quoted\" `ticked` [bracketed]",
        "nul\0inside",
        "\u{202e}right to left\u{202c}",
        "{\"json\": [1, null]}",
        "?1 :name @name $name %_",
        "👩‍👩‍👧 e\u{301} \u{fffd}",
    ];
    for text in texts {
        let mut connector = place.connector(text);
        connector.settings.client_name = Some(text.to_owned());
        connector.settings.params = vec![(text.to_owned(), text.to_owned())];
        connector.sources =
            vec![Source { app: text.to_owned(), scope: None, file: Some(text.to_owned()), entry: None }];
        store.insert(&connector).await.unwrap();
        let found = store.find(text).await.unwrap().map(|stored| stored.connector);
        assert_eq!(found, Some(connector), "{text:?}");
    }
    store.close().await.unwrap();
    assert_eq!(names(&place.open().await).await, texts, "and after reopening");
}

#[tokio::test]
async fn a_thousand_connectors_are_listed_in_order() {
    let place = Place::new();
    let store = place.open().await;
    let ids = Counting::from(1);
    let connectors: Vec<Connector> = (0..1000)
        .map(|number| Connector { id: ConnectorId::random(&ids), ..place.connector(&format!("connector {number}")) })
        .collect();
    store.insert_all(&connectors).await.unwrap();
    let listed: Vec<Connector> = store.list().await.unwrap().into_iter().map(|stored| stored.connector).collect();
    assert_eq!(listed, connectors);
}
