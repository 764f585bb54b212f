//! As much HTML as a sign-in needs: forms, their fields and buttons, and whether a page submits itself. Scripts are not run.

/// A form of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) posts: bool,
    pub(super) fields: Vec<(String, String)>,
    pub(super) buttons: Vec<Button>,
    /// Whether the page's script submits it without the person.
    pub(super) submits_itself: bool,
}

/// A button that submits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Button {
    pub(super) name: String,
    pub(super) value: String,
    /// What the person reads, in lower case.
    pub(super) label: String,
}

/// The first form of a page.
pub(super) fn form(page: &str) -> Option<Form> {
    let submits_itself = page.contains(".submit()");
    let (opening, rest) = element(page, "form")?;
    let inside = rest.split("</form").next().unwrap_or_default();
    let mut form = Form {
        action: attribute(opening, "action").unwrap_or_default(),
        posts: attribute(opening, "method").is_some_and(|method| method.eq_ignore_ascii_case("post")),
        fields: Vec::new(),
        buttons: Vec::new(),
        submits_itself,
    };
    let mut left = inside;
    while let Some((tag, rest)) = element(left, "input") {
        left = rest;
        let name = attribute(tag, "name").unwrap_or_default();
        let value = attribute(tag, "value").unwrap_or_default();
        if attribute(tag, "type").is_some_and(|kind| kind == "submit") {
            let label = value.to_lowercase();
            form.buttons.push(Button { name, value, label });
        } else if !name.is_empty() {
            form.fields.push((name, value));
        }
    }
    let mut left = inside;
    while let Some((tag, rest)) = element(left, "button") {
        left = rest;
        let label = rest.split("</button").next().unwrap_or_default();
        form.buttons.push(Button {
            name: attribute(tag, "name").unwrap_or_default(),
            value: attribute(tag, "value").unwrap_or_default(),
            label: decode(label).to_lowercase(),
        });
    }
    Some(form)
}

/// The inside of the next opening tag of this name, and what follows it.
fn element<'a>(page: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let mut left = page;
    loop {
        let (_, after) = left.split_once('<')?;
        let head = after.get(..name.len());
        let boundary = after[name.len().min(after.len())..].starts_with([' ', '>', '\n', '/']);
        if head.is_some_and(|head| head.eq_ignore_ascii_case(name)) && boundary {
            return after[name.len()..].split_once('>');
        }
        left = after;
    }
}

/// The value of an attribute, quoted or bare.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut left = tag;
    loop {
        let (before, after) = left.split_once('=')?;
        let found = before.rsplit(|c: char| c.is_whitespace() || c == '"' || c == '\'').next()?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, rest) = match quote {
            Some(quote) => after[1..].split_once(quote)?,
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        if found.trim().eq_ignore_ascii_case(name) {
            return Some(decode(value));
        }
        left = rest;
    }
}

fn decode(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}
