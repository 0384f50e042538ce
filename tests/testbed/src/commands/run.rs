//! A testbed in the foreground.

use super::env;
use crate::Parts;
use crate::Testbed;
use crate::build;
use crate::say;
use std::path::Path;
use std::time::Instant;

/// Builds what is missing, starts a testbed with its state below `folder`, and ends it when interrupted. The folder stays.
///
/// # Errors
/// A build fails, or a part does not come up.
pub fn run(folder: &Path, parts: Parts) -> anyhow::Result<()> {
    build::build_for(parts, build::FOR_ALL_CONTROLLERS)?;
    let begun = Instant::now();
    let mut testbed = Testbed::start(parts, folder)?;
    say::tell(&format!("Ready after {:.1} s", begun.elapsed().as_secs_f32()));
    env::print(&testbed.environment());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(tokio::signal::ctrl_c())?;
    testbed.cluster.stop()
}
