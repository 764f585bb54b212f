//! Files with sign-ins that other users of the computer can read or write, whichever app wrote them.

use std::path::{Path, PathBuf};

use replug_core::{Code, Failure};

use super::{
    Certainty, StoredFinding, WholeFile, amazon_q, by_address, by_name, claude_code, cline, codex, copilot, cursor,
    mcp_remote,
};
use crate::digest::sha256;
use crate::read;
use crate::repair::mode_of;
use crate::{Computer, Scan};

/// The permissions of everybody but the owner.
const OTHERS: u32 = 0o077;

pub(super) fn findings(computer: &Computer, scan: &Scan) -> Vec<StoredFinding> {
    files(computer, scan).iter().filter_map(|(app, path)| finding(app, path)).collect()
}

/// Every file in which an app keeps sign-ins.
fn files(computer: &Computer, scan: &Scan) -> Vec<(&'static str, PathBuf)> {
    let all = |app: &'static str, paths: Vec<PathBuf>| paths.into_iter().map(move |path| (app, path));
    let one = |app: &'static str, path: Option<PathBuf>| path.into_iter().map(move |path| (app, path));
    let mut files: Vec<_> = one("claude-code", claude_code::file(computer)).collect();
    files.extend(one("codex", codex::file(computer)));
    files.extend(one("gemini-cli", by_name::gemini_file(computer)));
    files.extend(one("opencode", by_name::opencode_file(computer)));
    files.extend(one("continue", Some(by_address::file(computer))));
    files.extend(all("cline", cline::files(scan)));
    files.extend(all("cursor", cursor::files(computer)));
    files.extend(all("copilot-cli", copilot::files(computer)));
    files.extend(all("amazon-q", amazon_q::files(computer)));
    files.extend(all("mcp-remote", mcp_remote::files(computer)));
    files
}

fn finding(app: &'static str, path: &Path) -> Option<StoredFinding> {
    let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let mode = mode_of(&metadata).filter(|mode| mode & OTHERS != 0)?;
    let digest = sha256(&read::whole(path).ok()??);
    let failure = Failure::new(Code::AppReadableByOthers).with_fact("Permissions", format!("{mode:03o}"));
    let found = StoredFinding::new(app, failure, Certainty::Stored, (path, digest));
    Some(found.mended_whole(vec![WholeFile::Restrict(path.to_path_buf())]).safely(true))
}
