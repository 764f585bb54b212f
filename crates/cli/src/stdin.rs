//! What is typed while a command begins: secrets, one line each, the passphrase, and a yes. On a terminal they are asked for
//! and secrets are not echoed. No secret is ever an argument, and no message repeats one.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use replug_core::{Code, Failure, Secret, sanitize};

use crate::args::StdinValue;

/// The longest line, in bytes.
const LONGEST: u16 = u16::MAX;
/// How a key in PEM begins and ends (RFC 7468 §2), and how many lines it has at most.
const KEY_BEGINS: &str = "-----BEGIN ";
const KEY_ENDS: &str = "-----END ";
const KEY_LINES: usize = 200;

/// Reads the secrets, in the order of their options.
///
/// Fails with `RPL-USE-SECRET-IN-ARGUMENT` when a header was given with its value, and with `RPL-USE-WRONG-USAGE` when there
/// are fewer lines than options.
pub(crate) fn secrets(wanted: Vec<StdinValue>) -> Result<Vec<(StdinValue, Secret<String>)>, Failure> {
    refuse_values(&wanted)?;
    let stdin = io::stdin();
    if stdin.is_terminal() {
        let ask = |what: StdinValue| {
            let first = ask_hidden(&format!("{}: ", name_of(&what)))?;
            Ok((what, whole(first, || ask_hidden(""))?))
        };
        return wanted.into_iter().map(ask).collect();
    }
    lines(&mut stdin.lock(), wanted)
}

/// The passphrase of the encrypted file: the first line of `file`, else asked for on the terminal.
///
/// Fails with `RPL-KEY-PASSPHRASE` when there is none, and with `RPL-LOCAL-DISK` when the file cannot be read.
pub(crate) fn passphrase(file: Option<&Path>) -> Result<Secret<String>, Failure> {
    let Some(file) = file else {
        let needed = || Failure::new(Code::KeyPassphrase).with_text("A passphrase is needed for the encrypted file.");
        return passphrase_of_person()?.ok_or_else(needed);
    };
    let unreadable = |error: &io::Error| {
        Failure::new(Code::LocalDisk)
            .with_text("The passphrase file cannot be read.")
            .with_fact("Reason", error.to_string())
    };
    let opened = File::open(file).map_err(|error| unreadable(&error))?;
    let line = first_line(&mut BufReader::new(opened)).map_err(|error| unreadable(&error))?;
    line.filter(|line| !line.expose().is_empty())
        .ok_or_else(|| Failure::new(Code::KeyPassphrase).with_text("The passphrase file begins with an empty line."))
}

/// The passphrase of the encrypted file as a person enters it on the terminal; `None` where there is no terminal.
pub(crate) fn passphrase_of_person() -> Result<Option<Secret<String>>, Failure> {
    if io::stdin().is_terminal() { ask_hidden("Passphrase of the encrypted file: ").map(Some) } else { Ok(None) }
}

/// Asks for a yes on the terminal.
///
/// Fails with `RPL-USE-NOT-CONFIRMED` when the answer is anything else, or nobody can be asked.
pub(crate) fn confirm(question: &str) -> Result<(), Failure> {
    let refused = || Failure::new(Code::UseNotConfirmed);
    if !io::stdin().is_terminal() {
        return Err(refused());
    }
    let mut stderr = io::stderr();
    let asked = write!(stderr, "{question} Type yes to go on: ").and_then(|()| stderr.flush());
    let answer = asked.and_then(|()| first_line(&mut io::stdin().lock()));
    match answer {
        Ok(Some(answer)) if answer.expose().trim().eq_ignore_ascii_case("yes") => Ok(()),
        _ => Err(refused()),
    }
}

/// A value behind the name would stand in the list of processes. The value is not repeated here.
fn refuse_values(wanted: &[StdinValue]) -> Result<(), Failure> {
    let with_value =
        |what: &StdinValue| matches!(what, StdinValue::Header(name) if name.trim().contains([':', '=', ' ']));
    if wanted.iter().any(with_value) {
        return Err(Failure::new(Code::UseSecretInArgument));
    }
    for (place, what) in wanted.iter().enumerate() {
        let same = |other: &StdinValue| name_of(other).eq_ignore_ascii_case(&name_of(what));
        if wanted.iter().take(place).any(same) {
            return Err(wrong(format!("{} was given twice.", name_of(what))));
        }
    }
    Ok(())
}

fn lines(input: &mut impl BufRead, wanted: Vec<StdinValue>) -> Result<Vec<(StdinValue, Secret<String>)>, Failure> {
    let mut typed = Vec::with_capacity(wanted.len());
    for what in wanted {
        let name = name_of(&what);
        let mut line = || {
            let line = first_line(input).map_err(|error| wrong(format!("{name} cannot be read: {error}.")))?;
            line.ok_or_else(|| wrong(format!("Standard input ended before this line: {name}.")))
        };
        let value = whole(line()?, line)?;
        typed.push((what, value));
    }
    Ok(typed)
}

/// A private key in PEM has several lines and says where it ends; everything else has one.
fn whole(
    first: Secret<String>,
    mut next: impl FnMut() -> Result<Secret<String>, Failure>,
) -> Result<Secret<String>, Failure> {
    if !first.expose().starts_with(KEY_BEGINS) {
        return Ok(first);
    }
    let mut lines = vec![first];
    while !lines.last().is_some_and(|line| line.expose().starts_with(KEY_ENDS)) {
        if lines.len() == KEY_LINES {
            return Err(wrong("The private key does not end.".to_owned()));
        }
        lines.push(next()?);
    }
    let lines: Vec<&str> = lines.iter().map(|line| line.expose().as_str()).collect();
    Ok(Secret::new(lines.join("\n")))
}

fn name_of(what: &StdinValue) -> String {
    match what {
        StdinValue::ClientSecret => "Client secret".to_owned(),
        StdinValue::Header(name) => format!("Header {}", sanitize(name, 60)),
    }
}

fn wrong(text: String) -> Failure {
    Failure::new(Code::UseWrongUsage).with_text(text)
}

/// The next line without its end; `None` when there is none. The buffer has its full size from the start, so that growing it
/// leaves no copies behind.
fn first_line(input: &mut impl BufRead) -> io::Result<Option<Secret<String>>> {
    let invalid = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidData, why));
    let mut line = Vec::with_capacity(usize::from(LONGEST));
    let read = input.take(u64::from(LONGEST)).read_until(b'\n', &mut line)?;
    if read == 0 {
        return Ok(None);
    }
    if read == usize::from(LONGEST) && !line.ends_with(b"\n") {
        drop(Secret::new(line));
        return invalid("the line is too long");
    }
    line.pop_if(|byte| *byte == b'\n');
    line.pop_if(|byte| *byte == b'\r');
    match String::from_utf8(line) {
        Ok(line) => Ok(Some(Secret::new(line))),
        Err(error) => {
            drop(Secret::new(error.into_bytes()));
            invalid("the line is not text")
        }
    }
}

fn ask_hidden(prompt: &str) -> Result<Secret<String>, Failure> {
    rpassword::prompt_password(prompt).map(Secret::new).map_err(|error| match error.kind() {
        io::ErrorKind::Interrupted => Failure::new(Code::LocalCancelled),
        _ => wrong(format!("The terminal cannot be read: {error}.")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str) -> StdinValue {
        StdinValue::Header(name.to_owned())
    }

    fn read(input: &[u8], wanted: &[StdinValue]) -> Result<Vec<String>, String> {
        let typed = lines(&mut &*input, wanted.to_vec()).map_err(|failure| failure.sentence().to_owned())?;
        Ok(typed.into_iter().map(|(_, value)| value.expose().clone()).collect())
    }

    #[test]
    fn each_secret_has_a_line_of_its_own() {
        let wanted = [StdinValue::ClientSecret, header("X-A"), header("X-B")];
        assert_eq!(read(b"one\r\n\nthree \nmore", &wanted), Ok(vec!["one".into(), String::new(), "three ".into()]));
        assert_eq!(read(b"one\ntwo", &wanted), Err("Standard input ended before this line: Header X-B.".into()));
    }

    #[test]
    fn a_private_key_is_read_to_its_last_line() {
        let wanted = [StdinValue::ClientSecret, header("X-A")];
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        let typed = read(format!("{key}\nvalue\n").as_bytes(), &wanted);
        assert_eq!(typed, Ok(vec![key.to_owned(), "value".to_owned()]));
        let cut_off = read(b"-----BEGIN PRIVATE KEY-----\nAAAA\n", &wanted);
        assert_eq!(cut_off, Err("Standard input ended before this line: Client secret.".to_owned()));
        let endless = format!("-----BEGIN PRIVATE KEY-----\n{}", "AAAA\n".repeat(KEY_LINES));
        assert_eq!(read(endless.as_bytes(), &wanted), Err("The private key does not end.".to_owned()));
    }

    #[test]
    fn a_line_that_cannot_be_a_secret_is_refused_without_repeating_it() {
        let long = vec![b'x'; usize::from(LONGEST) + 10];
        assert_eq!(read(&long, &[header("X-A")]), Err("Header X-A cannot be read: the line is too long.".into()));
        assert_eq!(read(b"\xff\n", &[header("X-A")]), Err("Header X-A cannot be read: the line is not text.".into()));
    }

    #[test]
    fn a_header_with_its_value_is_refused_before_anything_is_read() {
        for typed in ["X-Key: canary", "Authorization:canary", "X-Key=canary", "X-Key canary"] {
            let failure = refuse_values(&[header("X-A"), header(typed)]).unwrap_err();
            assert_eq!(failure.code, Code::UseSecretInArgument, "{typed}");
            assert!(!format!("{failure:?}").contains("canary"), "the value is not repeated");
        }
        assert_eq!(refuse_values(&[header("X-A"), StdinValue::ClientSecret, header("X-B")]), Ok(()));
    }

    #[test]
    fn the_same_header_twice_is_a_mistake() {
        let failure = refuse_values(&[header("X-A"), header("x-a")]).unwrap_err();
        assert_eq!((failure.code, failure.sentence()), (Code::UseWrongUsage, "Header x-a was given twice."));
    }
}
