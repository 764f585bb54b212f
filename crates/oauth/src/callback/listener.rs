//! The loopback listener (RFC 8252 §7.3): its sockets, how long it lives, and how many connections it bears. What is
//! answered is decided in `desk`.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use replug_core::{CallbackHost, Code, Failure, Redirect};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use url::Url;

use super::Callback;
use super::desk::Desk;
use super::holder::holder_of;
use super::linger::{free, linger};
use super::request::{self, Unreadable};
use super::response::Expected;
use crate::Attempt;

/// Connections at once. One more pushes the oldest out, so that slow ones cannot keep the browser away (T14).
const MAX_CONNECTIONS: usize = 32;
/// How long a request, and then its answer, may take.
const REQUEST_DEADLINE: Duration = Duration::from_secs(5);
/// How long a chosen port is waited for: the last attempt of another process may linger on it.
const PORT_PATIENCE: Duration = Duration::from_millis(2500);
const PORT_RETRY: Duration = Duration::from_millis(100);
/// How many free ports are tried until both address families have the same one.
const FREE_PORT_TRIES: usize = 16;

/// Waits on this computer for the browser to come back. It listens from the moment it is bound; nothing is answered before
/// [`Listener::wait`].
#[derive(Debug)]
pub struct Listener {
    redirect: Redirect,
    sockets: Vec<TcpListener>,
}

impl Listener {
    /// Listens on the literal 127.0.0.1, and on `::1` with the same port when the callback address says `localhost`. Without
    /// a port it takes a free one.
    ///
    /// Fails with `RPL-LOCAL-PORT-TAKEN`, and with `RPL-USE-SETTING-INVALID` for a path or port that no callback can have.
    pub async fn bind(host: CallbackHost, port: Option<u16>, path: &str) -> Result<Self, Failure> {
        let redirect = |port| Redirect { host, port, path: path.to_owned() };
        check(&redirect(port.unwrap_or(1)))?;
        let sockets = match port {
            Some(port) => bind_chosen(host, port).await?,
            None => bind_free(host).await?,
        };
        let port = sockets[0].local_addr().map_err(|error| port_failure(0, &error))?.port();
        Ok(Self { redirect: redirect(port), sockets })
    }

    /// The callback address to register and to send.
    pub const fn redirect(&self) -> &Redirect {
        &self.redirect
    }

    /// Waits until the browser brings the answer to `attempt`, `deadline` passes, or `cancel` completes. Whatever does not
    /// carry the attempt's state is turned away and changes nothing.
    ///
    /// `iss_required` is whether the service promises `iss` in its answers (RFC 9207 §3). Fails with `RPL-AUTH-TIMEOUT`,
    /// `RPL-LOCAL-CANCELLED`, `RPL-AUTH-ISSUER-MISSING`, `RPL-AUTH-ISSUER-MISMATCH`, `RPL-AUTH-DENIED`,
    /// `RPL-AUTH-SCOPE-REFUSED`, `RPL-AUTH-SERVICE-ERROR`, `RPL-REG-FORGOTTEN`, and `RPL-AUTH-REFUSED` for every other
    /// answer without a code.
    pub async fn wait(
        self,
        attempt: &Attempt,
        iss_required: bool,
        deadline: Instant,
        cancel: impl Future<Output = ()>,
    ) -> Result<Callback, Failure> {
        if self.redirect != attempt.redirect {
            return Err(Failure::new(Code::LocalInternal)
                .with_fact("Listening at", self.redirect.to_address())
                .with_fact("Sent to", attempt.redirect.to_address()));
        }
        let (desk, outcome) = Desk::new(self.redirect, Expected::of(attempt, iss_required));
        let mut counter = Counter::new(self.sockets, desk);
        let outcome = tokio::select! {
            biased;
            outcome = outcome => outcome,
            () = cancel => return Err(Failure::new(Code::LocalCancelled)),
            () = sleep_until(deadline) => return Err(timed_out(attempt)),
            never = counter.serve() => match never {},
        };
        linger(attempt.redirect.port, counter);
        outcome.unwrap_or_else(|_| Err(Failure::new(Code::LocalInternal)))
    }
}

fn timed_out(attempt: &Attempt) -> Failure {
    let host = attempt.address.url().host_str().unwrap_or_default();
    Failure::new(Code::AuthTimeout).with_fact("Sent to", host)
}

/// The sockets, and the connections that are open.
pub(super) struct Counter {
    sockets: Vec<TcpListener>,
    desk: Arc<Desk>,
    connections: JoinSet<()>,
    /// The open connections, the oldest first.
    order: VecDeque<AbortHandle>,
    /// Which socket is asked first, so that a flood on one cannot starve the other.
    turn: usize,
}

impl Counter {
    fn new(sockets: Vec<TcpListener>, desk: Desk) -> Self {
        Self { sockets, desk: Arc::new(desk), connections: JoinSet::new(), order: VecDeque::new(), turn: 0 }
    }

    /// Answers whoever connects. Connections that are open go on when this is dropped and called again.
    pub(super) async fn serve(&mut self) -> Infallible {
        loop {
            match self.accept().await {
                Ok(stream) => self.attend(stream),
                // Too many open files, most likely: some are closed soon.
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Gives the port up.
    pub(super) fn close(self) -> Open {
        Open(self.connections)
    }

    async fn accept(&mut self) -> io::Result<TcpStream> {
        self.turn = self.turn.wrapping_add(1);
        let (sockets, turn) = (&self.sockets, self.turn);
        poll_fn(|context| {
            for offset in 0..sockets.len() {
                let socket = &sockets[(turn + offset) % sockets.len()];
                if let Poll::Ready(accepted) = socket.poll_accept(context) {
                    return Poll::Ready(accepted.map(|(stream, _)| stream));
                }
            }
            Poll::Pending
        })
        .await
    }

    fn attend(&mut self, stream: TcpStream) {
        while self.connections.try_join_next().is_some() {}
        self.order.retain(|connection| !connection.is_finished());
        if self.order.len() >= MAX_CONNECTIONS
            && let Some(oldest) = self.order.pop_front()
        {
            oldest.abort();
        }
        let connection = self.connections.spawn(converse(stream, Arc::clone(&self.desk)));
        self.order.push_back(connection);
    }
}

/// The connections that are left when the sockets are closed.
pub(super) struct Open(JoinSet<()>);

impl Open {
    /// Serves them to the end; each one has its own deadlines.
    pub(super) async fn finish(mut self) {
        while self.0.join_next().await.is_some() {}
    }
}

/// One request, one answer.
async fn converse(mut stream: TcpStream, desk: Arc<Desk>) {
    let read = timeout(REQUEST_DEADLINE, request::read(&mut stream)).await.unwrap_or(Err(Unreadable::Status(408)));
    let Some(reply) = desk.answer(read) else {
        return;
    };
    let write = async {
        stream.write_all(&reply.to_bytes()).await?;
        stream.shutdown().await?;
        // Bytes that nobody read would make the system reset the connection, and the answer would be lost with it.
        let mut rest = [0_u8; 4096];
        for _ in 0..16 {
            if stream.read(&mut rest).await? == 0 {
                break;
            }
        }
        io::Result::Ok(())
    };
    // A browser that went away does not need its page.
    let _ = timeout(REQUEST_DEADLINE, write).await;
}

/// A browser would change any other path on its way, and the answer would never be recognised.
fn check(redirect: &Redirect) -> Result<(), Failure> {
    let fits = redirect.path.starts_with('/')
        && redirect.path.len() <= 200
        && redirect.port != 0
        && Url::parse(&redirect.to_address())
            .is_ok_and(|url| url.path() == redirect.path && url.query().is_none() && url.fragment().is_none());
    if fits {
        Ok(())
    } else {
        Err(Failure::new(Code::UseSettingInvalid)
            .with_fact("Setting", "callback address")
            .with_fact("Value", redirect.to_address()))
    }
}

async fn bind_chosen(host: CallbackHost, port: u16) -> Result<Vec<TcpListener>, Failure> {
    free(port).await;
    let give_up = Instant::now() + PORT_PATIENCE;
    loop {
        let error = match bind_both(host, port).await {
            Ok(sockets) => return Ok(sockets),
            Err(error) => error,
        };
        if error.kind() != io::ErrorKind::AddrInUse {
            return Err(port_failure(port, &error));
        }
        if Instant::now() >= give_up {
            let holder = tokio::task::spawn_blocking(move || holder_of(port)).await;
            let failure = port_failure(port, &error);
            return Err(match holder.ok().flatten() {
                Some(program) => failure.with_fact("Used by", program),
                None => failure,
            });
        }
        sleep(PORT_RETRY).await;
    }
}

async fn bind_free(host: CallbackHost) -> Result<Vec<TcpListener>, Failure> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..FREE_PORT_TRIES {
        match bind_both(host, 0).await {
            Ok(sockets) => return Ok(sockets),
            Err(error) => last = error,
        }
    }
    Err(port_failure(0, &last))
}

/// The literal addresses only: a wildcard would let the network in, and a name could lead elsewhere (T11).
async fn bind_both(host: CallbackHost, port: u16) -> io::Result<Vec<TcpListener>> {
    let v4 = TcpListener::bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)).await?;
    let port = v4.local_addr()?.port();
    let mut sockets = vec![v4];
    if host == CallbackHost::Localhost {
        match TcpListener::bind(SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), port)).await {
            Ok(v6) => sockets.push(v6),
            // Somebody else would get the browser when it tries ::1 first.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            // No IPv6 on this computer, so nobody can be there.
            Err(_) => {}
        }
    }
    Ok(sockets)
}

fn port_failure(port: u16, error: &io::Error) -> Failure {
    let failure = Failure::new(Code::LocalPortTaken).with_fact("Port", port.to_string());
    if error.kind() == io::ErrorKind::AddrInUse {
        failure
    } else {
        failure.with_text("The callback port cannot be used on this computer.").with_fact("Reason", error.to_string())
    }
}
