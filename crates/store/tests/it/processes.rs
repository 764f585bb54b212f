//! Several processes on one database, and processes that are killed. The child is this test binary, run again.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use replug_core::ConnectorId;
use replug_store::Store;
use sqlx::Connection;

use crate::support::{Counting, Place, clock, connector, names};

const ROWS: usize = 500;
const ACK: &str = "written ";

/// Starts a process that adds connectors named `lane <lane> <number>`, with ids of its own, and says so after each.
fn spawn_writer(data_dir: &Path, lane: u64, rows: usize) -> Child {
    let exe = std::env::current_exe().unwrap();
    let mut child = Command::new(exe)
        .args(["processes::child_that_writes", "--exact", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    write!(stdin, "{}\n{lane}\n{rows}\n", data_dir.display()).unwrap();
    child
}

/// The names a child says it has written, as they come.
fn acknowledged(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.lines().map_while(Result::ok).filter_map(|line| line.strip_prefix(ACK).map(str::to_owned))
}

#[tokio::test]
#[ignore = "the other tests run it in a process of its own"]
async fn child_that_writes() {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).unwrap();
    let mut lines = input.lines();
    let (Some(data_dir), Some(lane), Some(rows)) = (lines.next(), lines.next(), lines.next()) else {
        return;
    };
    let opened = Store::open(Path::new(data_dir), clock()).await.unwrap();
    assert_eq!(opened.rebuilt, None, "a kill leaves a sound database");
    let ids = Counting::from(lane.parse::<u64>().unwrap() << 32);
    for number in 0..rows.parse::<usize>().unwrap() {
        let name = format!("lane {lane} {number}");
        opened.store.insert(&connector(ConnectorId::random(&ids), &name)).await.unwrap();
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "\n{ACK}{name}").unwrap();
        stdout.flush().unwrap();
    }
}

fn expected(prefix: &str) -> HashSet<String> {
    (0..ROWS).map(|number| format!("{prefix} {number}")).collect()
}

#[tokio::test]
async fn two_processes_that_write_at_once_lose_nothing() {
    let place = Place::new();
    let mut child = spawn_writer(&place.data_dir(), 1, ROWS);
    let mut acks = acknowledged(&mut child);
    assert!(acks.next().is_some(), "the child is at work");
    let store = place.open().await;
    for number in 0..ROWS {
        store.insert(&place.connector(&format!("parent {number}"))).await.unwrap();
    }
    assert_eq!(acks.count(), ROWS - 1);
    assert!(child.wait().unwrap().success());
    let stored: HashSet<String> = names(&store).await.into_iter().collect();
    assert_eq!(stored, expected("parent").union(&expected("lane 1")).cloned().collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_handles_that_write_at_once_lose_nothing() {
    let place = Place::new();
    let opened = tokio::join!(place.try_open(), place.try_open());
    let (one, two) = (opened.0.unwrap().store, opened.1.unwrap().store);
    let write = |store: Store, prefix: &'static str, start: u64| {
        tokio::spawn(async move {
            let ids = Counting::from(start);
            for number in 0..ROWS {
                let connector = connector(ConnectorId::random(&ids), &format!("{prefix} {number}"));
                store.insert(&connector).await.unwrap();
            }
        })
    };
    let (first, second) = tokio::join!(write(one.clone(), "one", 1), write(two, "two", 1_000_000));
    first.unwrap();
    second.unwrap();
    let stored: HashSet<String> = names(&one).await.into_iter().collect();
    assert_eq!(stored, expected("one").union(&expected("two")).cloned().collect());
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_it_said_was_written() {
    let place = Place::new();
    let mut promised = HashSet::new();
    for round in 1..=12 {
        let mut child = spawn_writer(&place.data_dir(), round, usize::MAX);
        let mut acks = acknowledged(&mut child);
        // A different number of rows each time, so that the kill meets different moments.
        promised.extend(acks.by_ref().take(7 * usize::try_from(round).unwrap()));
        child.kill().unwrap();
        promised.extend(acks);
        child.wait().unwrap();
    }
    assert!(promised.len() > 400, "the kills met processes at work, got {}", promised.len());
    let store = place.open().await;
    let stored: HashSet<String> = names(&store).await.into_iter().collect();
    let lost: Vec<&String> = promised.difference(&stored).collect();
    assert!(lost.is_empty(), "lost {lost:?} of {}", promised.len());
    store.close().await.unwrap();
    let mut conn = place.raw().await;
    let verdict: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut conn).await.unwrap();
    assert_eq!(verdict, "ok");
    conn.close().await.unwrap();
}
