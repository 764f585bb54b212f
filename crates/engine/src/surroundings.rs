//! What the protocol crates need to know about a connector before they contact anybody for it: which networks its own
//! address belongs to, and what the person allowed.

use std::sync::Arc;

use replug_core::{AddressClass, Allow, Clock, Connector, Random, ServerAddress, Settings};
use replug_net::{Http, Reach, Trace};
use replug_oauth::Context;

use crate::Engine;

/// The surroundings of one connector, owned, so that they outlive the call.
pub(crate) struct Surroundings {
    http: Http,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    reach: Reach,
    loopback: bool,
}

impl Surroundings {
    /// As the OAuth crate takes them.
    pub(crate) fn context<'a>(&'a self, trace: &'a Trace) -> Context<'a> {
        Context {
            http: &self.http,
            trace,
            clock: self.clock.as_ref(),
            random: self.random.as_ref(),
            reach: self.reach,
            loopback: self.loopback,
        }
    }
}

impl Engine {
    /// The surroundings of a connector.
    pub(crate) async fn surroundings(&self, connector: &Connector) -> Surroundings {
        self.surroundings_of(&connector.address, &connector.settings).await
    }

    /// The surroundings of an address with these settings. A name that cannot be looked up counts as public, which reaches
    /// the least.
    pub(crate) async fn surroundings_of(&self, address: &ServerAddress, settings: &Settings) -> Surroundings {
        let edges = self.edges();
        let class = edges.http.class_of(address.base()).await.unwrap_or(AddressClass::Public);
        Surroundings {
            http: edges.http.clone(),
            clock: Arc::clone(&edges.clock),
            random: Arc::clone(&edges.random),
            reach: Reach::named_by(class, settings.allows(Allow::PrivateService)),
            loopback: class == AddressClass::Loopback,
        }
    }
}
