//! One tab of the scripted person's browser: its cookies, its way from page to page, and where that ends.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use url::Url;
use url::form_urlencoded::Serializer;

use super::Conduct;
use super::page::{self, Button, Form};

/// More pages than any sign-in has; a loop between two pages ends here.
const MOST_STEPS: usize = 20;
const PATIENCE: Duration = Duration::from_secs(10);

/// What came of one tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journey {
    /// The address it began with.
    pub opened: String,
    /// The pages on the way.
    pub steps: Vec<JourneyStep>,
    /// Where it ended.
    pub end: JourneyEnd,
    /// The text of the last page.
    pub page: String,
}

impl Journey {
    pub(super) fn left_open(address: &str) -> Self {
        Self { opened: address.to_owned(), steps: Vec::new(), end: JourneyEnd::Left, page: String::new() }
    }

    /// Whether the app's callback answered 200.
    pub fn returned(&self) -> bool {
        self.end == JourneyEnd::Returned { status: 200 }
    }
}

/// One page on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JourneyStep {
    /// `GET` or `POST`.
    pub method: String,
    /// The address without its query.
    pub place: String,
    /// The answer.
    pub status: u16,
}

/// Where a tab ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JourneyEnd {
    /// At the app's callback.
    Returned {
        /// What the callback answered.
        status: u16,
    },
    /// At a page with nothing to do on it.
    Stuck {
        /// Its status.
        status: u16,
    },
    /// The person left, as told.
    Left,
    /// At an address that cannot be shown.
    Broken {
        /// Why.
        reason: String,
    },
}

/// A request a browser makes.
#[derive(Debug, Clone)]
struct Visit {
    method: Method,
    url: Url,
    /// An urlencoded body.
    body: Option<String>,
}

/// What an answer leads to.
struct Seen {
    status: u16,
    location: Option<String>,
    page: String,
}

#[derive(Default)]
pub(super) struct Tab {
    cookies: BTreeMap<String, String>,
}

impl Tab {
    pub(super) async fn walk(&mut self, address: &str, conduct: Conduct) -> Journey {
        let mut journey = Journey::left_open(address);
        journey.end = match self.steps(address, conduct, &mut journey).await {
            Ok(end) => end,
            Err(reason) => JourneyEnd::Broken { reason },
        };
        journey
    }

    async fn steps(&mut self, address: &str, conduct: Conduct, journey: &mut Journey) -> Result<JourneyEnd, String> {
        let client = client()?;
        let url = Url::parse(address).map_err(|error| error.to_string())?;
        let callback = callback_of(&url);
        let mut visit = Visit { method: Method::GET, url, body: None };
        for _ in 0..MOST_STEPS {
            let at_callback = callback.as_ref().is_some_and(|callback| same_place(callback, &visit.url));
            if at_callback && conduct == Conduct::NeverReturn {
                return Ok(JourneyEnd::Left);
            }
            let mut seen = self.load(&client, &visit, journey).await?;
            if at_callback && conduct == Conduct::Reload {
                seen = self.load(&client, &visit, journey).await?;
            }
            if at_callback {
                return Ok(JourneyEnd::Returned { status: seen.status });
            }
            match onward(&visit, &seen, conduct)? {
                Onward::To(next) => visit = next,
                Onward::End(end) => return Ok(end),
            }
        }
        Err("the pages go round in circles".to_owned())
    }

    async fn load(&mut self, client: &Client, visit: &Visit, journey: &mut Journey) -> Result<Seen, String> {
        let mut request = client
            .request(visit.method.clone(), visit.url.clone())
            .header("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
            .header("Sec-Fetch-Dest", "document")
            .header("Sec-Fetch-Mode", "navigate")
            .header("Sec-Fetch-Site", "cross-site")
            .header("User-Agent", "Mozilla/5.0 (lab)");
        if let Some(body) = &visit.body {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.clone());
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(COOKIE, pairs.join("; "));
        }
        let response = request.send().await.map_err(|error| error.to_string())?;
        self.take_cookies(&response);
        let status = response.status().as_u16();
        let location = header(&response, &LOCATION);
        let page = response.text().await.map_err(|error| error.to_string())?;
        let mut place = visit.url.clone();
        place.set_query(None);
        journey.steps.push(JourneyStep { method: visit.method.to_string(), place: place.to_string(), status });
        journey.page.clone_from(&page);
        Ok(Seen { status, location, page })
    }

    /// Everything in the lab is one host, so one jar does; ports do not separate cookies (RFC 6265 §8.5).
    fn take_cookies(&mut self, response: &reqwest::Response) {
        for value in response.headers().get_all(SET_COOKIE) {
            let pair = value.to_str().unwrap_or_default().split(';').next();
            if let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) {
                self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
}

enum Onward {
    To(Visit),
    End(JourneyEnd),
}

fn onward(visit: &Visit, seen: &Seen, conduct: Conduct) -> Result<Onward, String> {
    if let (301..=308, Some(location)) = (seen.status, &seen.location) {
        let url = visit.url.join(location).map_err(|error| error.to_string())?;
        // RFC 9110 §15.4: 307 and 308 repeat the request, the others become GET.
        let next = if matches!(seen.status, 307 | 308) {
            Visit { url, ..visit.clone() }
        } else {
            Visit { method: Method::GET, url, body: None }
        };
        return Ok(Onward::To(next));
    }
    let Some(form) = page::form(&seen.page) else {
        return Ok(Onward::End(JourneyEnd::Stuck { status: seen.status }));
    };
    let button = if form.submits_itself {
        None
    } else {
        match (conduct, pressed(&form, conduct)) {
            (Conduct::CloseTab, _) | (Conduct::Deny, None) => return Ok(Onward::End(JourneyEnd::Left)),
            (_, button) => button,
        }
    };
    submitted(visit, &form, button).map(Onward::To)
}

/// The button this person presses.
fn pressed(form: &Form, conduct: Conduct) -> Option<&Button> {
    let wanted: &[&str] = match conduct {
        Conduct::Deny => &["deny", "cancel", "decline"],
        _ => &["allow", "accept", "approve", "continue", "sign"],
    };
    let speaks = |button: &&Button| wanted.iter().any(|word| button.label.contains(word));
    let found = form.buttons.iter().find(speaks);
    if conduct == Conduct::Deny { found } else { found.or(form.buttons.first()) }
}

fn submitted(visit: &Visit, form: &Form, button: Option<&Button>) -> Result<Visit, String> {
    let mut url = visit.url.join(&form.action).map_err(|error| error.to_string())?;
    let mut members = Serializer::new(String::new());
    for (name, value) in &form.fields {
        // A person types something where nothing stands yet.
        let value = if value.is_empty() { "person" } else { value };
        members.append_pair(name, value);
    }
    if let Some(button) = button.filter(|button| !button.name.is_empty()) {
        members.append_pair(&button.name, &button.value);
    }
    let members = members.finish();
    if form.posts {
        return Ok(Visit { method: Method::POST, url, body: Some(members) });
    }
    url.set_query(Some(&members));
    Ok(Visit { method: Method::GET, url, body: None })
}

fn callback_of(address: &Url) -> Option<Url> {
    let (_, redirect_uri) = address.query_pairs().find(|(name, _)| name == "redirect_uri")?;
    Url::parse(&redirect_uri).ok()
}

fn same_place(callback: &Url, url: &Url) -> bool {
    callback.origin() == url.origin() && callback.path() == url.path()
}

fn header(response: &reqwest::Response, name: &reqwest::header::HeaderName) -> Option<String> {
    let value = response.headers().get(name)?;
    value.to_str().ok().map(ToOwned::to_owned)
}

fn client() -> Result<Client, String> {
    // Fails only when a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(Policy::none()).no_proxy().timeout(PATIENCE).build().map_err(|error| error.to_string())
}
