//! The consent page, its two buttons, and the ways an answer travels back to the client. What may be asked for is decided
//! before, in `authorize`.

use axum::response::Response;
use url::form_urlencoded::Serializer;

use super::book::Asked;
use super::core::AuthCore;
use super::{IssParameter, Returns, StateEcho};
use crate::wire::{self, Incoming};

/// What the client is told.
pub(super) enum Reply {
    Code(String),
    Error(String),
}

pub(super) fn page(core: &AuthCore, asked: Asked, client_name: &str) -> Response {
    let name = wire::escape(client_name);
    let scopes = wire::escape(&asked.scopes.join(" "));
    let ticket = {
        let mut book = core.book();
        let ticket = book.mint.public("ticket");
        book.tickets.insert(ticket.clone(), asked);
        ticket
    };
    wire::html(
        200,
        format!(
            "<!doctype html><html><head><title>Allow {name}?</title></head><body>\
             <h1>{name} wants to connect</h1><p>Permissions: <code>{scopes}</code></p>\
             <form method=\"post\" action=\"/consent\"><input type=\"hidden\" name=\"ticket\" value=\"{ticket}\">\
             <button type=\"submit\" name=\"decision\" value=\"allow\">Allow</button>\
             <button type=\"submit\" name=\"decision\" value=\"deny\">Deny</button></form></body></html>"
        ),
    )
}

/// A button was pressed. A page that was answered before is refused.
pub(super) fn decide(core: &AuthCore, request: &Incoming) -> Response {
    let form = request.form();
    let asked = wire::value(&form, "ticket").and_then(|ticket| core.book().tickets.remove(ticket));
    let Some(asked) = asked else {
        return wire::html(400, "<!doctype html><p>This page was answered before.</p>");
    };
    if wire::value(&form, "decision") == Some("allow") {
        allow(core, request, &asked)
    } else {
        let denied = Reply::Error("access_denied".to_owned());
        reply(core, request, &asked, denied)
    }
}

/// Issues a code and sends it back.
pub(super) fn allow(core: &AuthCore, request: &Incoming, asked: &Asked) -> Response {
    let now_ms = core.now_ms();
    let issued = {
        let mut book = core.book();
        book.counts.consents += 1;
        book.issue_code(asked.clone(), now_ms)
    };
    reply(core, request, asked, Reply::Code(issued))
}

/// Sends an answer to the client's redirect address, in the way that is switched on.
pub(super) fn reply(core: &AuthCore, request: &Incoming, asked: &Asked, reply: Reply) -> Response {
    let faults = core.faults().authorize;
    let mut members: Vec<(&str, String)> = Vec::new();
    match reply {
        Reply::Code(issued) => members.push(("code", issued)),
        Reply::Error(error) => {
            members.push(("error_description", format!("The service says: {error}")));
            members.push(("error", error));
        }
    }
    match (faults.state, &asked.state) {
        (StateEcho::Same, Some(state)) => members.push(("state", state.clone())),
        (StateEcho::Changed, _) => members.push(("state", "another-state".to_owned())),
        (StateEcho::Same, None) | (StateEcho::Missing, _) => {}
    }
    match faults.iss {
        IssParameter::AnnouncedAndSent | IssParameter::SentOnly => {
            members.push(("iss", core.identifier(&request.origin)));
        }
        IssParameter::Wrong(other) => members.push(("iss", other)),
        IssParameter::AnnouncedOnly | IssParameter::Neither => {}
    }
    match faults.returns {
        Returns::Found => wire::redirect(302, &with_query(&asked.redirect_uri, &members)),
        Returns::Repeated => wire::redirect(307, &with_query(&asked.redirect_uri, &members)),
        Returns::FormPost => posting_page(&asked.redirect_uri, &members),
        Returns::Never => wire::html(200, "<!doctype html><p>All done. You can close this window.</p>"),
    }
}

fn with_query(redirect_uri: &str, members: &[(&str, String)]) -> String {
    let query = Serializer::new(String::new()).extend_pairs(members).finish();
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{joint}{query}")
}

fn posting_page(redirect_uri: &str, members: &[(&str, String)]) -> Response {
    let action = wire::escape(redirect_uri);
    let inputs: Vec<String> = members
        .iter()
        .map(|(name, value)| {
            let value = wire::escape(value);
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
        })
        .collect();
    let inputs = inputs.concat();
    wire::html(
        200,
        format!(
            "<!doctype html><html><body onload=\"document.forms[0].submit()\">\
             <form method=\"post\" action=\"{action}\">{inputs}</form></body></html>"
        ),
    )
}
