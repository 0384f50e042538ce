//! The variables that lead into a testbed, for a shell or for a program.

use super::up::option;
use crate::say;
use crate::state::Place;
use anyhow::Context;
use std::collections::BTreeMap;

/// Prints `export` lines, or one JSON object.
///
/// # Errors
/// The testbed of that name does not run.
pub fn env(name: &str, json: bool) -> anyhow::Result<()> {
    let state = Place::named(name)?.state()?.with_context(|| {
        format!("testbed {name} does not run: start it with `cargo testbed up{}`", option(name))
    })?;
    if json {
        say::answer(&serde_json::to_string_pretty(&state.environment)?);
        return Ok(());
    }
    print(&state.environment);
    Ok(())
}

/// Prints `export` lines for a shell.
pub(super) fn print(environment: &BTreeMap<String, String>) {
    for (variable, value) in environment {
        // Single quotes keep everything but themselves.
        say::answer(&format!("export {variable}='{}'", value.replace('\'', r"'\''")));
    }
}
