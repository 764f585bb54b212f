//! What a code means, from the one table.

use replug_core::{Code, Failure};

use crate::view;
use crate::wire::CodeEntry;

/// Explains a code, given without regard to case.
///
/// Fails with `RPL-USE-NO-SUCH-CODE`.
pub fn explain(code: &str) -> Result<CodeEntry, Failure> {
    let code: Code = code.parse().map_err(|()| Failure::new(Code::UseNoSuchCode).with_fact("Asked for", code))?;
    let info = code.info();
    Ok(CodeEntry {
        code,
        text: info.text.to_owned(),
        hint: info.hint.to_owned(),
        owner: info.owner,
        actions: info.actions.iter().copied().map(view::action).collect(),
    })
}
