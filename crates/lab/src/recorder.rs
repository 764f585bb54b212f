//! A second origin that answers nothing useful and remembers who came with which headers: the place where a redirect must
//! not carry a secret to.

use std::io;
use std::sync::Arc;

use axum::response::Response;
use replug_core::Clock;

use crate::site::{Site, Socket};
use crate::wire::{self, Incoming};
use crate::{Front, RequestLog, SystemClock};

/// A listener that answers 404 to everything and writes it down.
pub struct Recorder {
    log: RequestLog,
    socket: Socket,
}

impl Recorder {
    /// Starts listening on loopback.
    pub fn start() -> io::Result<Self> {
        let log = RequestLog::new();
        let socket = Socket::open(Arc::new(Silence { log: log.clone() }))?;
        Ok(Self { log, socket })
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        self.socket.origin()
    }

    /// Who came.
    pub const fn requests(&self) -> &RequestLog {
        &self.log
    }
}

struct Silence {
    log: RequestLog,
}

impl Site for Silence {
    fn clock(&self) -> &dyn Clock {
        &SystemClock
    }

    fn log(&self) -> &RequestLog {
        &self.log
    }

    fn front(&self, _: &Incoming) -> Front {
        Front::Open
    }

    fn answer(&self, _: &Incoming) -> Response {
        wire::text(404, "Nothing is here")
    }
}
