//! `create secret made-up`.

use super::common;
use super::common::SharedArgs;
use crate::cli::Context;
use crate::ops;
use crate::ops::source_secret::SourceSecret;
use crate::text::Secret;
use crate::text::yaml;

const EXAMPLES: &str = "\
# A Secret with one token
fluxr create secret made-up app --api-token=$TOKEN --export";

/// Create or update a Kubernetes secret with one token
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SecretMadeUpArgs {
    /// Name of the Secret
    #[arg(value_name = "name")]
    name: Vec<String>,
    /// The token
    #[arg(long)]
    api_token: Secret,
}

impl SecretMadeUpArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &Context) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?.to_owned();
        let labels = shared.labels()?;
        let secret = SourceSecret::default().with_bearer(&self.api_token);
        if shared.export {
            let manifest = secret.manifest(&name, &context.namespace, &labels);
            return context.ui.data(&format!("---\n{}\n", yaml::to_string(&manifest)));
        }
        ops::source_secret::upsert(&context.session().await?, &name, &labels, &secret).await?;
        context.ui.action(format!("secret '{name}' created in '{}' namespace", context.namespace));
        Ok(())
    }
}
