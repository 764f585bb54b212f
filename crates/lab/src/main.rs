//! `replug-lab`: starts servers on loopback for the demo and for tests of the window, and plays the person at the browser.

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use replug_core::{Failure, StoredIn};
use replug_engine::{Computer, Engine, OpenOptions, Patience, Platform};
use replug_lab::{AuthFaults, AuthServer, Conduct, Demo, McpFaults, McpServer, Person, UiServer, seed};
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
    /// The demo, and the window's pages on the real engine for a browser, until standard input ends
    Ui {
        /// The data folder of the engine; it is filled with the demo's connectors
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
        /// The pages, built with `vite build --mode lab`
        #[arg(long, value_name = "DIR")]
        dist: PathBuf,
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
        Command::Ui { data_dir, dist } => ui(data_dir, &dist).await,
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

async fn ui(data_dir: PathBuf, dist: &Path) -> io::Result<()> {
    let demo = Demo::start()?;
    seed(&demo, &data_dir).await.map_err(io::Error::other)?;
    let engine = open_engine(data_dir).await.map_err(io::Error::other)?;
    let watching = engine.clone();
    tokio::spawn(async move { watching.watch().await });
    let pages = UiServer::start(engine, dist).await?;
    let mut ready = demo.announcement();
    ready["address"] = pages.address().into();
    announce(&ready)
}

/// The engine of a window whose person signs in wherever the browser is sent, and allows what is asked.
async fn open_engine(data_dir: PathBuf) -> Result<Engine, Failure> {
    let computer = Computer::new(Platform::Linux, data_dir.join("home"), |_| None);
    let options = OpenOptions {
        data_dir,
        secrets: Some(StoredIn::Memory),
        passphrase: None,
        browser: Arc::new(Person::new(Conduct::Allow)),
        patience: Patience::Window,
        computer,
        proxy_hosts: Vec::new(),
    };
    Ok(Engine::open(options).await?.engine)
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
