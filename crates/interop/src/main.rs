//! `replug-conformance-client <address>`: the program that the public conformance suite of MCP runs. It holds no protocol and
//! knows no scenario: it does with Replug's engine what a person does with the window, and ends well when all of it worked.

mod arguments;
mod context;
mod visit;

use std::process::ExitCode;

use crate::context::Context;

/// Where the suite puts what a person would know besides the address.
const CONTEXT: &str = "MCP_CONFORMANCE_CONTEXT";

#[tokio::main]
#[expect(clippy::print_stderr, reason = "the suite shows it when a scenario fails")]
async fn main() -> ExitCode {
    let Some(address) = std::env::args().nth(1) else {
        eprintln!("the address of a server is missing");
        return ExitCode::FAILURE;
    };
    let context = match Context::read(said_by_the_suite().as_deref()) {
        Ok(context) => context,
        Err(error) => {
            eprintln!("{CONTEXT} cannot be read: {error}");
            return ExitCode::FAILURE;
        }
    };
    match Box::pin(visit::visit(&address, context)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            for fact in &failure.facts {
                eprintln!("{}: {}", fact.label, fact.value);
            }
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a shell of its own, and this is where it reads the environment")]
fn said_by_the_suite() -> Option<String> {
    std::env::var(CONTEXT).ok()
}
