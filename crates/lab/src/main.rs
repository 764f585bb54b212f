//! `replug-lab`: starts servers on loopback for the demo and for tests of the window, and plays the person at the browser.

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use replug_lab::{AuthFaults, AuthServer, Conduct, Demo, McpFaults, McpServer, Person, seed};
use serde_json::json;

#[derive(Parser)]
#[command(about = "Servers on loopback for looking at Replug")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// One server for each health state, until standard input ends
    Demo {
        /// The data folder of the Replug that will look at them; it is filled with their connectors
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
    },
    /// A healthy server that asks for a sign-in, until standard input ends
    Serve,
    /// Visits an address as a person's browser would, and allows what is asked
    Visit {
        /// Where to go
        address: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Demo { data_dir } => demo(&data_dir).await,
        Command::Serve => serve(),
        Command::Visit { address } => visit(&address).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do where even the message cannot be written.
            let _ = writeln!(io::stderr(), "replug-lab: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn demo(data_dir: &Path) -> io::Result<()> {
    let demo = Demo::start()?;
    seed(&demo, data_dir).await.map_err(io::Error::other)?;
    announce(&demo.announcement())
}

fn serve() -> io::Result<()> {
    let auth = AuthServer::start(AuthFaults::default())?;
    let server = McpServer::start(McpFaults::default(), Some(&auth))?;
    announce(&json!({"ready": true, "address": server.address(), "issuer": auth.issuer()}))
}

async fn visit(address: &str) -> io::Result<()> {
    let journey = Person::new(Conduct::Allow).visit(address).await;
    writeln!(io::stdout(), "{journey:?}")
}

/// Tells on standard output that everything is ready, and waits for standard input to end.
fn announce(ready: &serde_json::Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{ready}")?;
    out.flush()?;
    drop(out);
    io::stdin().lock().read_to_end(&mut Vec::new()).map(drop)
}
