//! `cargo xtask tidy`: the house rules that no compiler and no linter knows. Each rule is one row here and lies in the module
//! of its subject, beside a test that shows it a violation.

mod dependencies;
mod metadata;
mod sources;
mod supply;
mod tree;
mod words;

use crate::checkout::Checkout;
use crate::failure::Outcome;
use crate::tally::Tally;

use self::metadata::Metadata;
use self::tree::Tree;

/// What the rules look at.
#[derive(Default)]
struct House {
    tree: Tree,
    metadata: Metadata,
}

/// One violation.
#[derive(Debug)]
struct Finding {
    /// A file with its line, or a package.
    place: String,
    text: String,
}

/// One rule: its name, and what finds its violations.
type Rule = (&'static str, fn(&House) -> Vec<Finding>);

const RULES: &[Rule] = &[
    ("dependencies point downwards", dependencies::direction),
    ("each edge is known to one package", dependencies::edges),
    ("licences are acceptable", supply::licences),
    ("no version that is known to be broken", supply::floors),
    ("our manifests agree", supply::own_manifests),
    ("files are short", sources::length),
    ("modules say what they hold", sources::module_docs),
    ("types have names that say something", sources::type_names),
    ("no forbidden words", words::forbidden),
];

impl Finding {
    fn new(place: &str, text: impl Into<String>) -> Self {
        Self { place: place.to_owned(), text: text.into() }
    }
}

/// Checks every rule and shows what it finds. Each rule counts as one check.
pub(crate) fn check(checkout: &Checkout) -> Outcome<Tally> {
    let house = House { tree: Tree::of_checkout(checkout)?, metadata: Metadata::of(checkout)? };
    let mut tally = Tally::default();
    for (name, find) in RULES {
        let findings = find(&house);
        tally += Tally::of_one(findings.is_empty());
        if !findings.is_empty() {
            println!("{name}:");
        }
        for Finding { place, text } in findings {
            println!("  {place}: {text}");
        }
    }
    for (file, lines) in sources::longer_than(&house, sources::AIM) {
        println!("note: {} has {lines} lines; the aim is {}", file.path, sources::AIM);
    }
    Ok(tally)
}

#[cfg(test)]
impl House {
    fn with_files(files: &[(&str, &str)]) -> Self {
        Self { tree: Tree::of(files), ..Self::default() }
    }

    fn with_metadata(metadata: Metadata) -> Self {
        Self { metadata, ..Self::default() }
    }
}
