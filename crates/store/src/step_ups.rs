//! Counting the sign-ins that asked for more permission, by the operation that wanted it. How many are allowed is decided by
//! whoever counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Operations that were refused for want of permission and not answered since.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StepUps {
    /// Sign-ins that asked for more permission.
    sign_ins: u32,
    /// How many of them there had been when an operation was first refused.
    refused_at: BTreeMap<String, u32>,
}

impl StepUps {
    /// How many sign-ins asked for more permission since an operation was first refused; `None` when it was not.
    pub fn times(&self, operation: &str) -> Option<u32> {
        self.refused_at.get(operation).map(|at| self.sign_ins.saturating_sub(*at))
    }

    /// The operation was refused.
    pub fn begin(&mut self, operation: &str) {
        self.refused_at.entry(operation.to_owned()).or_insert(self.sign_ins);
    }

    /// The operation was answered.
    pub fn end(&mut self, operation: &str) {
        self.refused_at.remove(operation);
    }

    /// A sign-in that asked for more permission succeeded.
    pub const fn count(&mut self) {
        self.sign_ins = self.sign_ins.saturating_add(1);
    }
}
