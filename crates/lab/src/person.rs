//! A scripted person with a browser: opens addresses, follows redirects, submits pages that submit themselves, and presses
//! Allow or Deny. It knows only what a browser would know.

mod page;
mod tab;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use replug_core::{Code, Failure};
use replug_net::{Browser, BrowserAddress};
use tokio::runtime::Handle;
use tokio::sync::watch;

use tab::Tab;
pub use tab::{Journey, JourneyEnd, JourneyStep};

/// What the person does with a sign-in page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Conduct {
    /// Presses Allow, or the only button there is.
    #[default]
    Allow,
    /// Presses Deny, or leaves where there is no such button.
    Deny,
    /// Presses Allow, but the way back to the app is never taken.
    NeverReturn,
    /// Looks at the page and closes the tab.
    CloseTab,
    /// Leaves the first tab open. When a second one opens, finishes the first, then the second.
    ReplayOldTab,
    /// Presses Allow, comes back, and reloads the page it came back to.
    Reload,
}

/// A scripted person. Copies are the same person.
#[derive(Clone)]
pub struct Person(Arc<Inner>);

struct Inner {
    memory: Mutex<Memory>,
    finished: watch::Sender<usize>,
}

#[derive(Default)]
struct Memory {
    conduct: Conduct,
    opened: Vec<String>,
    left_open: Option<String>,
    journeys: Vec<Journey>,
}

impl Person {
    /// A person who behaves like this until told otherwise.
    pub fn new(conduct: Conduct) -> Self {
        let memory = Memory { conduct, ..Memory::default() };
        Self(Arc::new(Inner { memory: Mutex::new(memory), finished: watch::Sender::new(0) }))
    }

    /// Behaves differently from the next tab on.
    pub fn set_conduct(&self, conduct: Conduct) {
        self.lock().conduct = conduct;
    }

    /// The addresses that were opened, whole. They hold a `state`, so keep them in the test.
    pub fn opened(&self) -> Vec<String> {
        self.lock().opened.clone()
    }

    /// What came of the tabs that are finished, in the order they ended.
    pub fn journeys(&self) -> Vec<Journey> {
        self.lock().journeys.clone()
    }

    /// Waits until so many tabs are finished.
    pub async fn until_finished(&self, tabs: usize) -> Vec<Journey> {
        let mut finished = self.0.finished.subscribe();
        // The sender lives as long as this person does.
        let _ = finished.wait_for(|count| *count >= tabs).await;
        self.journeys()
    }

    /// Opens an address and stays until the tab is finished; the last journey when several ended.
    pub async fn visit(&self, address: &str) -> Journey {
        let (conduct, tabs) = self.sit_down(address);
        let mut last = Journey::left_open(address);
        for tab in tabs {
            last = Tab::default().walk(&tab, conduct).await;
            self.remember(last.clone());
        }
        last
    }

    /// What to do now that this address is opened: the conduct, and the tabs to finish in their order.
    fn sit_down(&self, address: &str) -> (Conduct, Vec<String>) {
        let mut memory = self.lock();
        memory.opened.push(address.to_owned());
        if memory.conduct != Conduct::ReplayOldTab {
            return (memory.conduct, vec![address.to_owned()]);
        }
        if let Some(old) = memory.left_open.take() {
            return (Conduct::Allow, vec![old, address.to_owned()]);
        }
        memory.left_open = Some(address.to_owned());
        (Conduct::Allow, Vec::new())
    }

    fn remember(&self, journey: Journey) {
        self.lock().journeys.push(journey);
        self.0.finished.send_modify(|count| *count += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Person {
    fn default() -> Self {
        Self::new(Conduct::Allow)
    }
}

impl Browser for Person {
    /// Starts a task for the tab. Fails with `RPL-LOCAL-BROWSER` outside a tokio runtime.
    fn open(&self, address: &BrowserAddress) -> Result<(), Failure> {
        let runtime = Handle::try_current()
            .map_err(|error| Failure::new(Code::LocalBrowser).with_fact("Reason", error.to_string()))?;
        let person = self.clone();
        let address = address.as_str().to_owned();
        runtime.spawn(async move { person.visit(&address).await });
        Ok(())
    }
}
