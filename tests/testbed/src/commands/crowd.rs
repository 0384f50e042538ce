//! `crowd`: fills a testbed that runs with the objects of the bench, to look at them or to profile.

use super::up::option;
use crate::bench;
use crate::places;
use crate::say;
use crate::state::Place;
use anyhow::Context;
use std::path::Path;

/// Adds the kinds and `objects` of each of two kinds to the testbed of the name.
///
/// # Errors
/// No testbed of the name runs, no release build is there, or the API server refuses something.
pub fn crowd(name: &str, objects: usize) -> anyhow::Result<()> {
    let place = Place::named(name)?;
    let state = place.state()?.with_context(|| {
        format!("testbed {name} does not run: start it with `cargo testbed up{}`", option(name))
    })?;
    let kubeconfig = state.environment.get("KUBECONFIG").context("the testbed has no kubeconfig")?;
    let fluxr = places::target().join("release/fluxr");
    anyhow::ensure!(fluxr.exists(), "no release build of fluxr: cargo build --release makes one");
    bench::fill(Path::new(kubeconfig), &fluxr, objects)?;
    say::tell(&format!("✔ {objects} GitRepositories and {objects} Kustomizations"));
    Ok(())
}
