//! Which program listens on a port, as far as the system tells (Linux: `/proc`). A guess that may fail, never an error.

use std::fs;
use std::path::Path;

/// TCP state LISTEN in `/proc/net/tcp`.
const LISTEN: &str = "0A";

/// The name and process number of the program that listens on `port`. `None` on systems without `/proc`, and for
/// programs of other people.
pub(super) fn holder_of(port: u16) -> Option<String> {
    let proc = Path::new("/proc");
    let sockets: Vec<String> = ["net/tcp", "net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(proc.join(table)).ok())
        .flat_map(|table| listening_inodes(&table, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    if sockets.is_empty() {
        return None;
    }
    fs::read_dir(proc).ok()?.flatten().find_map(|entry| {
        let name = entry.file_name();
        let process: u32 = name.to_str()?.parse().ok()?;
        holds(&entry.path(), &sockets).then_some(())?;
        let program = fs::read_to_string(entry.path().join("comm")).ok()?;
        Some(format!("{} (process {process})", program.trim()))
    })
}

fn listening_inodes(table: &str, port: u16) -> Vec<String> {
    let ending = format!(":{port:04X}");
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let listens = columns.get(1)?.ends_with(&ending) && columns.get(3) == Some(&LISTEN);
            listens.then(|| columns.get(9).map(|inode| (*inode).to_owned()))?
        })
        .collect()
}

fn holds(process: &Path, sockets: &[String]) -> bool {
    let Ok(files) = fs::read_dir(process.join("fd")) else {
        return false;
    };
    files
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok())
        .any(|target| target.to_str().is_some_and(|target| sockets.iter().any(|socket| socket == target)))
}
