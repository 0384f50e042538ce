//! Where a Secret goes: to stdout as YAML, or into the cluster.

use crate::cli::CommandContext;
use crate::commands::create::common::SharedArgs;
use crate::ops;
use crate::ops::secret::NewSecret;
use crate::text::yaml;

/// Writes the Secret as YAML, or brings it into the cluster and says so. `what` is what it is called there, e.g. `git`.
///
/// # Errors
/// What YAML cannot hold; when stdout cannot be written; what the API server answers.
pub(super) async fn deliver(
    context: &CommandContext,
    shared: &SharedArgs,
    name: &str,
    what: &str,
    secret: &NewSecret,
) -> anyhow::Result<()> {
    let namespace = &context.namespace;
    secret.secrets().for_each(|value| context.ui.redact(value));
    if shared.export {
        let manifest = yaml::to_string_without_control(&secret.manifest(name, namespace))?;
        // Upstream ends all of these documents but one with an empty line.
        let end = if what == "tls" { "" } else { "\n" };
        return context.ui.data(&format!("---\n{manifest}{end}"));
    }
    shared.refuse_credentials(true)?;
    let session = context.session().await?;
    ops::secret::upsert(&session, name, secret).await?;
    context.ui.action(format!("{what} secret '{name}' created in '{namespace}' namespace"));
    Ok(())
}
