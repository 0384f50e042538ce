//! `create secret notation`.

use super::deliver;
use crate::cli::CommandContext;
use crate::cli::help_text;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::commands::create::common;
use crate::commands::create::common::SharedArgs;
use crate::ops::secret::NewSecret;
use crate::ops::secret::check_trust_policy;
use crate::text;
use anyhow::Context as _;
use std::path::Path;
use std::path::PathBuf;

const EXAMPLES: &str = "\
# Whose signatures are trusted, and by which authority
fluxr create secret notation signatures --ca-cert-file=./acme.crt \\
  --trust-policy-file=./trustpolicy.json";

/// Create or update a Kubernetes secret to verify artifacts signed with Notation
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SecretNotationArgs {
    /// Name of the Secret
    #[arg(value_name = "name")]
    name: Vec<String>,
    /// File with the trust policy of Notation, in JSON
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    trust_policy_file: Option<PathBuf>,
    /// Files with root certificates, whose names end in .crt or .pem
    #[arg(long, value_hint = clap::ValueHint::FilePath, value_parser = items, help_heading = help_text::AUTHENTICATION)]
    ca_cert_file: Vec<Items>,
}

impl SecretNotationArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        let files = list_flag::all(&self.ca_cert_file);
        anyhow::ensure!(!files.is_empty(), "--ca-cert-file is required");
        let policy = self.trust_policy_file.filter(|path| !path.as_os_str().is_empty());
        let policy = policy.context("--trust-policy-file is required")?;
        let labels = shared.labels()?;
        let content = text::read_lossy(&policy).context("unable to read trust policy file")?;
        check_trust_policy(&content, &policy.display().to_string())?;
        let mut secret = NewSecret::default().with_labels(labels);
        let mut refusals = Vec::new();
        for file in &files {
            match certificate(file) {
                Ok((key, content)) => secret = secret.with(&key, content),
                Err(error) => refusals.push(format!("{error:#}")),
            }
        }
        // All of them at once, one on each line.
        anyhow::ensure!(refusals.is_empty(), "{}", refusals.join("\n"));
        let secret = secret.with("trustpolicy.json", content);
        deliver(context, &shared, name, "notation configuration", &secret).await
    }
}

/// The name of a file, and what is in it.
fn certificate(file: &str) -> anyhow::Result<(String, String)> {
    let name = text::base_name(file);
    anyhow::ensure!(
        name.ends_with(".crt") || name.ends_with(".pem"),
        "{name} must end with either .crt or .pem"
    );
    let content = text::read_lossy(Path::new(file)).context("unable to read TLS CA file")?;
    Ok((name.to_owned(), content))
}
