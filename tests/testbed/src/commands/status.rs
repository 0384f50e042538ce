//! What runs in a testbed.

use super::up::option;
use crate::cluster;
use crate::cluster::Part;
use crate::say;
use crate::state::Place;
use anyhow::Context;

/// Prints one line per program.
///
/// # Errors
/// The testbed of that name does not run.
pub fn status(name: &str) -> anyhow::Result<()> {
    let place = Place::named(name)?;
    let pid = place.supervisor().with_context(|| {
        format!("testbed {name} does not run: start it with `cargo testbed up{}`", option(name))
    })?;
    match place.state()? {
        Some(state) => say::answer(&format!(
            "testbed {name}, process {pid}, ready after {:.1} s, {}",
            state.ready_after,
            place.folder.display()
        )),
        None => say::answer(&format!("testbed {name}, process {pid}, is starting")),
    }
    for part in cluster::parts(&place.folder)? {
        say::answer(&line(&part));
    }
    Ok(())
}

fn line(part: &Part) -> String {
    let process = part.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string());
    let ready = if part.ready { "ready" } else { "not ready" };
    let at: Vec<String> =
        part.addresses.iter().map(|(purpose, address)| format!("{purpose} {address}")).collect();
    let namespace = if part.namespace.is_empty() { "-" } else { &part.namespace };
    let text = format!(
        "  {:<28} {namespace:<12} {process:>8}  {ready:<10} {} restarts  {}",
        part.name,
        part.restarts,
        at.join(", ")
    );
    text.trim_end().to_owned()
}
