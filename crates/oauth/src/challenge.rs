//! Reading `WWW-Authenticate` (RFC 9110 §11.6.1) as servers really write it. What a challenge leads to is decided by callers.
//!
//! The grammar is followed where a header keeps to it. Beyond it, and only there, these are read as they are meant:
//! unquoted values with characters a token may not have (addresses above all), parameters separated by spaces or semicolons
//! instead of commas, and permissions listed without quotes. Everything is bounded, and nothing is found by substring.

/// Bytes read of all header lines together.
const MAX_BYTES: usize = 16 * 1024;
/// Challenges kept.
const MAX_CHALLENGES: usize = 16;
/// Parameters kept of one challenge.
const MAX_PARAMS: usize = 32;

/// One challenge: a scheme and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme as it was written; it is compared without regard to case.
    pub scheme: String,
    /// Names in lower case with their values unquoted, in order, each name once: the first one counts.
    pub params: Vec<(String, String)>,
}

impl Challenge {
    /// Whether it is of this scheme.
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The value of a parameter, by its name in lower case; an empty value is absent.
    pub fn param(&self, name: &str) -> Option<&str> {
        let (_, value) = self.params.iter().find(|(found, _)| found == name)?;
        (!value.trim().is_empty()).then_some(value)
    }
}

/// What a Bearer challenge says (RFC 6750 §3, RFC 9728 §5.1). Empty parameters are absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BearerChallenge {
    /// Where the protected resource metadata is.
    pub resource_metadata: Option<String>,
    /// The permissions this request needs, separated by spaces.
    pub scope: Option<String>,
    /// Why the token, if one was sent, was not accepted.
    pub error: Option<String>,
    /// The same for people.
    pub error_description: Option<String>,
}

/// Reads the values of all `WWW-Authenticate` lines. At most 16 challenges of at most 32 parameters and 16 KiB of text are
/// read; what comes after is left out.
pub fn parse_challenges(lines: &[&str]) -> Vec<Challenge> {
    let mut challenges = Vec::new();
    let mut left = MAX_BYTES;
    for line in lines {
        let mut end = line.len().min(left);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        left -= end;
        Reader { rest: &line[..end], open: None }.read_into(&mut challenges);
    }
    challenges
}

/// The Bearer challenge, when there is one. Of several, the first that says where the metadata is, else the first.
pub fn bearer(challenges: &[Challenge]) -> Option<BearerChallenge> {
    let mut all = challenges.iter().filter(|challenge| challenge.is("Bearer"));
    let first = all.clone().next()?;
    let chosen = all.find(|challenge| challenge.param("resource_metadata").is_some()).unwrap_or(first);
    let param = |name| chosen.param(name).map(str::to_owned);
    Some(BearerChallenge {
        resource_metadata: param("resource_metadata"),
        scope: param("scope"),
        error: param("error"),
        error_description: param("error_description"),
    })
}

/// Whether one of the challenges is of this scheme.
pub fn has_scheme(challenges: &[Challenge], scheme: &str) -> bool {
    challenges.iter().any(|challenge| challenge.is(scheme))
}

/// Walks through one line.
struct Reader<'a> {
    rest: &'a str,
    /// The challenge that parameters belong to, as an index; none before the first scheme of the line.
    open: Option<usize>,
}

/// What stands next, with everything that belongs to it.
enum Item<'a> {
    Scheme(&'a str),
    Param {
        name: &'a str,
        value: String,
        quoted: bool,
    },
    /// Something that belongs nowhere.
    Stray(&'a str),
}

impl<'a> Reader<'a> {
    fn read_into(mut self, challenges: &mut Vec<Challenge>) {
        // An unquoted list of permissions goes on over spaces; this says that the last parameter may be one.
        let mut running = false;
        loop {
            let comma = self.skip_separators();
            running &= !comma;
            if self.rest.is_empty() {
                return;
            }
            match self.next_item() {
                Item::Scheme(word) | Item::Stray(word) if running && !word.is_empty() && !is_known_scheme(word) => {
                    self.extend_scope(challenges, word);
                }
                Item::Scheme(scheme) => {
                    running = false;
                    self.open_challenge(challenges, scheme);
                }
                Item::Param { name, value, quoted } => {
                    running = !quoted && name.eq_ignore_ascii_case("scope");
                    self.add_param(challenges, name, value);
                }
                Item::Stray(_) => running = false,
            }
        }
    }

    fn open_challenge(&mut self, challenges: &mut Vec<Challenge>, scheme: &str) {
        self.skip_token68();
        self.open = (challenges.len() < MAX_CHALLENGES).then_some(challenges.len());
        if self.open.is_some() {
            challenges.push(Challenge { scheme: scheme.to_owned(), params: Vec::new() });
        }
    }

    fn add_param(&self, challenges: &mut [Challenge], name: &str, value: String) {
        let Some(challenge) = self.open.and_then(|index| challenges.get_mut(index)) else {
            return;
        };
        let name = name.to_ascii_lowercase();
        let known = challenge.params.iter().any(|(found, _)| *found == name);
        if !known && challenge.params.len() < MAX_PARAMS {
            challenge.params.push((name, value));
        }
    }

    fn extend_scope(&self, challenges: &mut [Challenge], word: &str) {
        let challenge = self.open.and_then(|index| challenges.get_mut(index));
        let last = challenge.and_then(|challenge| challenge.params.last_mut());
        if let Some((_, scope)) = last.filter(|(name, _)| name == "scope") {
            scope.push(' ');
            scope.push_str(word);
        }
    }

    /// Skips white space, commas and semicolons, and says whether there was more than white space.
    fn skip_separators(&mut self) -> bool {
        let is_separator = |c: char| c.is_ascii_whitespace() || c == ',' || c == ';';
        let rest = self.rest.trim_start_matches(is_separator);
        let skipped = &self.rest[..self.rest.len() - rest.len()];
        self.rest = rest;
        skipped.contains([',', ';'])
    }

    /// Reads what stands next; never called at the end, and always moves on.
    fn next_item(&mut self) -> Item<'a> {
        if self.rest.starts_with('"') {
            self.take_quoted();
            return Item::Stray("");
        }
        let start = self.rest;
        let name = self.take_while(is_token_char);
        let after = self.rest.trim_start_matches([' ', '\t']);
        if let Some(value) = after.strip_prefix('=').filter(|_| !name.is_empty()) {
            self.rest = value.trim_start_matches([' ', '\t']);
            return self.take_value(name);
        }
        // A word may go on with characters that no scheme has, such as the colon of `files:read`.
        let more = self.take_while(|c| !ends_word(c));
        if name.is_empty() || !more.is_empty() {
            return Item::Stray(&start[..name.len() + more.len()]);
        }
        Item::Scheme(name)
    }

    fn take_value(&mut self, name: &'a str) -> Item<'a> {
        let quoted = self.rest.starts_with('"');
        let value = if quoted {
            self.take_quoted()
        } else {
            let value = self.take_while(|c| !c.is_ascii_whitespace() && c != ',');
            value.trim_end_matches(';').to_owned()
        };
        Item::Param { name, value, quoted }
    }

    /// A quoted string with its escapes resolved; one that is never closed ends with the line.
    fn take_quoted(&mut self) -> String {
        let mut value = String::new();
        let mut characters = self.rest[1..].chars();
        while let Some(character) = characters.next() {
            match character {
                '"' => break,
                '\\' => value.extend(characters.next()),
                other => value.push(other),
            }
        }
        self.rest = characters.as_str();
        value
    }

    /// The opaque value that some schemes have in place of parameters (`token68`), left out: no such scheme is spoken here.
    fn skip_token68(&mut self) {
        let start = self.rest.trim_start_matches(' ');
        if start.len() == self.rest.len() {
            return;
        }
        let end = start.trim_start_matches(is_token68_char).trim_start_matches('=');
        let after = end.trim_start_matches([' ', '\t']);
        if end.len() < start.len() && (after.is_empty() || after.starts_with(',')) {
            self.rest = end;
        }
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}

const fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '!' | '#' | '$' | '%' | '&' | '\'' | '*' | '+' | '-' | '.' | '^' | '_' | '`' | '|' | '~')
}

const fn is_token68_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '+' | '/')
}

const fn ends_word(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, ',' | ';' | '"')
}

/// Schemes of IANA's registry. They are needed only to tell a new challenge from another permission.
fn is_known_scheme(word: &str) -> bool {
    const KNOWN: &[&str] = &[
        "Basic",
        "Bearer",
        "Digest",
        "DPoP",
        "GNAP",
        "HOBA",
        "Mutual",
        "Negotiate",
        "NTLM",
        "OAuth",
        "PrivateToken",
        "vapid",
    ];
    KNOWN.iter().any(|known| known.eq_ignore_ascii_case(word))
}
