//! The window's log: a file in the data folder, bounded to 10 MiB with the one before it. Only Replug's own crates are heard: the
//! HTTP and TLS crates below would write whole addresses and headers. Where the files lie is the engine's to say.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use replug_engine::LOG_FILES;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The longest a file grows, in bytes; there are two of them.
const LONGEST: u64 = 5 * 1024 * 1024;

/// Writes what happens from now on into this folder.
///
/// Fails when the file cannot be opened, or a log was started before.
pub(crate) fn start(folder: &Path) -> io::Result<()> {
    let file = RotatingFile::open(folder, LONGEST)?;
    let lines = fmt::layer().with_writer(Mutex::new(file)).with_ansi(false);
    // All crates of the workspace begin with this word.
    let own = Targets::new().with_target("replug", LevelFilter::INFO);
    tracing_subscriber::registry().with(lines).with(own).try_init().map_err(io::Error::other)
}

/// A file that is put in the place of the one before it when it has grown too long.
struct RotatingFile {
    current: PathBuf,
    former: PathBuf,
    file: File,
    written: u64,
    longest: u64,
}

impl RotatingFile {
    fn open(folder: &Path, longest: u64) -> io::Result<Self> {
        private_folder(folder)?;
        let [current, former] = LOG_FILES.map(|name| folder.join(name));
        let file = open_private(&current)?;
        let written = file.metadata()?.len();
        Ok(Self { current, former, file, written, longest })
    }

    /// Fails when the disk does not play along, and is tried again with the next line.
    fn rotate(&mut self) -> io::Result<()> {
        match fs::rename(&self.current, &self.former) {
            // The last attempt came this far, or somebody has removed the file.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            renamed => renamed?,
        }
        self.file = open_private(&self.current)?;
        self.written = 0;
        Ok(())
    }
}

impl Write for RotatingFile {
    /// An event comes in one call, so that no line is torn between two files.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.written > 0 && self.written.saturating_add(length) > self.longest {
            self.rotate()?;
        }
        self.file.write_all(line)?;
        self.written = self.written.saturating_add(length);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// For its owner only, as the rest of the data folder.
fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_default()
    }

    #[test]
    fn two_files_hold_the_newest_lines_whole_and_never_more_than_twice_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = RotatingFile::open(folder.path(), 100).unwrap();
        for number in 0..50 {
            writeln!(log, "line {number:04}").unwrap();
        }
        let (current, former) = (lines(&log.current), lines(&log.former));
        assert!(current.len() <= 100 && former.len() <= 100, "bounded");
        let kept: Vec<_> = former.lines().chain(current.lines()).collect();
        let expected: Vec<_> = (50 - kept.len()..50).map(|number| format!("line {number:04}")).collect();
        assert_eq!(kept, expected, "the newest, in order, none torn");
    }

    #[test]
    fn a_change_of_files_that_was_cut_off_is_finished_by_the_next_line() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = RotatingFile::open(folder.path(), 10).unwrap();
        writeln!(log, "line 0001").unwrap();
        // What is left when the new file could not be opened.
        fs::rename(&log.current, &log.former).unwrap();
        writeln!(log, "line 0002").unwrap();
        assert_eq!((lines(&log.former).as_str(), lines(&log.current).as_str()), ("line 0001\n", "line 0002\n"));
    }

    #[test]
    fn a_new_start_goes_on_where_the_last_one_ended() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            writeln!(RotatingFile::open(&folder.path().join("logs"), 100).unwrap(), "started").unwrap();
        }
        assert_eq!(lines(&folder.path().join("logs").join(LOG_FILES[0])), "started\nstarted\n");
    }
}
