//! Connectors from project folders: paused until allowed, and again when the approval is void; and the folders themselves.

use replug_store::{ProjectDefinition, ProjectEntry};

use crate::support::{Place, noon};

fn definition(digest: &str) -> ProjectDefinition {
    let outline = vec![("url".to_owned(), "https://mcp.example/mcp".to_owned())];
    ProjectDefinition { digest: digest.to_owned(), outline }
}

fn entry() -> ProjectEntry {
    ProjectEntry {
        app: "claude-code".to_owned(),
        folder: "/home/somebody/project".to_owned(),
        file: "/home/somebody/project/.mcp.json".to_owned(),
        entry: "acme".to_owned(),
        definition: definition("1"),
        approved_at: None,
    }
}

#[tokio::test]
async fn a_connector_from_a_project_is_paused_until_it_is_approved_and_when_that_is_void() {
    let place = Place::new();
    let store = place.open().await;
    let connector = place.connector("acme");
    let stored = store.insert_from_project(&connector, &entry()).await.unwrap();
    assert_eq!((stored.connector.paused, stored.awaits_approval), (true, true));
    assert_eq!(store.project_entry(&connector.id).await.unwrap(), Some(entry()));

    store.approve(&connector.id, &definition("2")).await.unwrap();
    let approved = store.get(&connector.id).await.unwrap().unwrap();
    assert_eq!((approved.connector.paused, approved.awaits_approval), (false, false));
    let kept = ProjectEntry { definition: definition("2"), approved_at: Some(noon()), ..entry() };
    assert_eq!(store.project_entries().await.unwrap(), [(connector.id.clone(), kept.clone())]);

    store.void_approval(&connector.id).await.unwrap();
    let void = store.get(&connector.id).await.unwrap().unwrap();
    assert_eq!((void.connector.paused, void.awaits_approval), (true, true));
    let kept = ProjectEntry { approved_at: None, ..kept };
    assert_eq!(store.project_entry(&connector.id).await.unwrap(), Some(kept), "what was approved last is remembered");
    assert!(stored.revision < approved.revision && approved.revision < void.revision, "each change is told");
}

#[tokio::test]
async fn a_definition_is_new_to_a_person_until_it_is_told() {
    let place = Place::new();
    let store = place.open().await;
    let connector = place.connector("acme");
    store.insert_from_project(&connector, &entry()).await.unwrap();
    let told = async |digest| store.tell(&connector.id, digest).await.unwrap();
    assert!(told("1").await, "when it was taken over");
    assert_eq!((told("2").await, told("2").await), (false, true));
    assert_eq!((told("3").await, told("2").await), (false, false), "only the last one counts");
    store.approve(&connector.id, &definition("4")).await.unwrap();
    assert_eq!((told("4").await, told("2").await), (true, false));
}

#[tokio::test]
async fn a_connector_and_where_it_came_from_are_removed_together() {
    let place = Place::new();
    let store = place.open().await;
    let connector = place.connector("acme");
    store.insert_from_project(&connector, &entry()).await.unwrap();
    assert!(store.insert_from_project(&connector, &entry()).await.is_err(), "its name is taken");
    store.delete(&connector.id).await.unwrap();
    assert_eq!(store.project_entries().await.unwrap(), []);
    let own = place.connector("own");
    assert!(!store.insert(&own).await.unwrap().awaits_approval, "a person's own needs nobody's approval");
}

#[tokio::test]
async fn folders_are_kept_once_each() {
    let place = Place::new();
    let store = place.open().await;
    for folder in ["/b", "/a", "/b"] {
        store.add_folder(folder).await.unwrap();
    }
    assert_eq!(store.folders().await.unwrap(), ["/a", "/b"]);
    store.remove_folder("/a").await.unwrap();
    assert_eq!(store.folders().await.unwrap(), ["/b"]);
}
