//! The TypeScript types of what crosses to the user interface: written from the Rust types, or compared with what is
//! committed. Which types those are is said in the engine. The documents that are generated from the code are written along.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use clap::Args;

use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome, While as _};
use crate::process;

/// The package whose tests write the types.
const PACKAGE: &str = "replug-engine";

/// What the names of those tests begin with; ts-rs names its own ones so.
const EXPORTING_TESTS: &str = "export_bindings";

/// Where the types lie, below the root.
const FOLDER: &str = "ui/src/api";

/// How a file of generated types ends; other files in the folder are written by hand.
const GENERATED: &str = ".gen.ts";

#[derive(Args)]
pub(crate) struct Options {
    /// Change nothing; fail when what is committed differs from the Rust types
    #[arg(long)]
    check: bool,
}

/// Text of generated files by name.
type Files = BTreeMap<String, String>;

/// Writes the types, or checks them.
pub(crate) fn bindings(options: &Options, checkout: &Checkout) -> Outcome<()> {
    if !options.check {
        write_documents(checkout)?;
    }
    let generated = generate(checkout)?;
    let folder = checkout.root().join(FOLDER);
    let committed = read_generated(&folder)?;
    let differing = differing(&generated, &committed);
    if differing.is_empty() {
        return Ok(());
    }
    if options.check {
        return Err(Failure::new(format!(
            "{} differ from the Rust types. Run `cargo xtask bindings` and commit the result",
            differing.join(", ")
        )));
    }
    fs::create_dir_all(&folder).while_doing(|| format!("making {FOLDER}"))?;
    for name in differing {
        let path = folder.join(&name);
        let done = match generated.get(&name) {
            Some(text) => fs::write(&path, text),
            None => fs::remove_file(&path),
        };
        done.while_doing(|| format!("writing {FOLDER}/{name}"))?;
        println!("{FOLDER}/{name}");
    }
    Ok(())
}

/// The tests that guard generated documents and can write them: package, test binary, and the test's name.
const DOCUMENTS: [[&str; 3]; 3] = [
    ["replug-core", "errors_document", ""],
    ["replug-oauth", "it", "the_client_document_of_the_repository"],
    ["replug-engine", "it", "every_fixture_of_the_pages"],
];

fn write_documents(checkout: &Checkout) -> Outcome<()> {
    for [package, binary, name] in DOCUMENTS {
        let arguments = ["test", "--quiet", "--package", package, "--test", binary, name];
        process::succeed(checkout.cargo(&arguments).env("REPLUG_WRITE_DOCS", "1"))?;
    }
    Ok(())
}

/// Checks the types, as a step of `cargo xtask test`.
pub(crate) fn check(checkout: &Checkout) -> Outcome<()> {
    bindings(&Options { check: true }, checkout)
}

/// Lets ts-rs write its files into a scratch folder. It does so from tests, and begins each file anew in each process: one
/// package must write them all.
fn generate(checkout: &Checkout) -> Outcome<Files> {
    let scratch = tempfile::tempdir().while_doing(|| "making a scratch folder".to_owned())?;
    let mut command = checkout.cargo(&["test", "--quiet", "--package", PACKAGE, "--lib", "--", EXPORTING_TESTS]);
    command.env("TS_RS_EXPORT_DIR", scratch.path());
    let said = process::watch(&mut command)?;
    if !said.succeeded {
        return Err(Failure::new("The types could not be generated"));
    }
    let files = read_all(scratch.path())?;
    if let Some(name) = files.keys().find(|name| !name.ends_with(GENERATED)) {
        return Err(Failure::new(format!("{name}: write `#[ts(export_to = \"….gen.ts\")]` at this type")));
    }
    if files.is_empty() {
        return Err(Failure::new(format!("No test of {PACKAGE} named {EXPORTING_TESTS}… has written a type")));
    }
    Ok(files)
}

fn read_generated(folder: &Path) -> Outcome<Files> {
    if !folder.exists() {
        return Ok(Files::new());
    }
    let mut files = read_all(folder)?;
    files.retain(|name, _| name.ends_with(GENERATED));
    Ok(files)
}

/// The files directly in `folder`.
fn read_all(folder: &Path) -> Outcome<Files> {
    let reading = || format!("reading {}", folder.display());
    let mut files = Files::new();
    for entry in fs::read_dir(folder).while_doing(reading)? {
        let path = entry.while_doing(reading)?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name()) {
            let text = fs::read_to_string(&path).while_doing(|| format!("reading {}", path.display()))?;
            files.insert(name.to_string_lossy().into_owned(), text);
        }
    }
    Ok(files)
}

/// Names of files that are new, changed or no longer generated.
fn differing(generated: &Files, committed: &Files) -> Vec<String> {
    let changed = generated.iter().filter(|(name, text)| committed.get(*name) != Some(*text));
    let stale = committed.iter().filter(|(name, _)| !generated.contains_key(*name));
    changed.chain(stale).map(|(name, _)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Files, differing};

    fn files(pairs: &[(&str, &str)]) -> Files {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn new_changed_and_stale_files_are_all_named() {
        let generated = files(&[("new.gen.ts", "a"), ("changed.gen.ts", "b"), ("same.gen.ts", "c")]);
        let committed = files(&[("changed.gen.ts", "old"), ("same.gen.ts", "c"), ("stale.gen.ts", "d")]);
        assert_eq!(differing(&generated, &committed), ["changed.gen.ts", "new.gen.ts", "stale.gen.ts"]);
    }
}
