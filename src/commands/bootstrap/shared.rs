//! What every `bootstrap` shares: the persistent flags, their checks, and the run.

use super::signing::SigningArgs;
use crate::cli::CommandContext;
use crate::cli::ComponentArgs;
use crate::cli::RequestArgs;
use crate::cli::SshKeyArgs;
use crate::cli::fetch_manifests;
use crate::cli::help_text;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::git::Remote;
use crate::git::sign::Signer;
use crate::ops::bootstrap::Options;
use crate::ops::bootstrap::Provider;
use crate::ops::bootstrap::SourceAuth;
use crate::text::Secret;
use crate::text::clean_relative_path;
use anyhow::Context as _;
use std::path::PathBuf;
use std::time::Duration;

// Flags of every command below `bootstrap`.
#[derive(clap::Args, Debug, Clone)]
pub(super) struct BootstrapSharedArgs {
    /// Branch of the repository
    #[arg(long, default_value = "main", help_heading = help_text::REPOSITORY)]
    branch: String,
    /// Check out submodules too
    #[arg(long, help_heading = help_text::REPOSITORY, hide_short_help = true)]
    recurse_submodules: bool,
    /// Folders that the cluster checks out (default: all)
    #[arg(long, value_name = "paths,…", value_parser = items, help_heading = help_text::REPOSITORY, hide_short_help = true)]
    sparse_checkout: Vec<Items>,
    /// Log in with user and token instead of an SSH deploy key
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    pub(super) token_auth: bool,
    /// Name of the Secret with which the cluster logs in
    #[arg(long, default_value = "flux-system", help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    secret_name: String,
    #[command(flatten)]
    pub(super) key: SshKeyArgs,
    /// Host of the SSH address, if it differs
    #[arg(long, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    pub(super) ssh_hostname: String,
    /// Host-key algorithms that are accepted
    #[arg(long, value_name = "algorithms,…", value_parser = items, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    pub(super) ssh_hostkey_algos: Vec<Items>,
    /// File with the certificate authority of the server
    #[arg(long, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    ca_file: Option<PathBuf>,
    #[command(flatten)]
    components: ComponentArgs,
    /// Name of the author of commits
    #[arg(long, default_value = "Flux", help_heading = help_text::COMMITS)]
    author_name: String,
    /// E-mail address of the author of commits
    #[arg(long, help_heading = help_text::COMMITS)]
    author_email: String,
    /// Text at the end of commit messages
    #[arg(long, value_name = "text", help_heading = help_text::COMMITS)]
    commit_message_appendix: String,
    #[command(flatten)]
    signing: SigningArgs,
    #[command(flatten)]
    request: RequestArgs,
    /// Take over an installation managed by another tool, without asking
    #[arg(long)]
    force: bool,
    /// Show what would be committed, applied and asked of the forge, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// What the providers find out for themselves.
pub(super) struct Particulars {
    pub(super) client: kube::Client,
    pub(super) remote: Remote,
    pub(super) path: Option<String>,
    pub(super) sync_url: String,
    pub(super) interval: Duration,
    pub(super) auth: SourceAuth,
    pub(super) silent: bool,
    pub(super) signer: Option<Signer>,
    pub(super) provider: Option<Provider>,
}

impl BootstrapSharedArgs {
    /// Judges these flags, before anything is asked or done; returns the key that signs, but for one that is reused, which may need a
    /// password that is not known yet.
    ///
    /// # Errors
    /// The first flag that is wrong, in the order and the words of the Flux CLI.
    pub(super) fn check(&self, context: &CommandContext) -> anyhow::Result<Option<Signer>> {
        for required in ["source-controller", "kustomize-controller"] {
            anyhow::ensure!(
                self.components.names().any(|name| name == required),
                "component {required} is required"
            );
        }
        self.components.options(context)?;
        self.request.options()?;
        if let Some((_, password)) = self.components.registry_credentials()? {
            context.ui.redact(&password);
        }
        self.signing.signer(self.key.file())
    }

    /// The key that logs in, when it signs as well.
    ///
    /// # Errors
    /// As [`SigningArgs::reused`].
    pub(super) fn reused_signer(&self, password: &Secret) -> anyhow::Result<Option<Signer>> {
        self.signing.reused(self.key.file(), password)
    }

    /// Whether the key that logs in is to sign as well.
    pub(super) fn reuses_key(&self) -> bool {
        self.signing.reuses_key()
    }

    /// The certificate authority, if a file was named.
    pub(super) fn ca(&self) -> anyhow::Result<Option<Vec<u8>>> {
        let named = self.ca_file.as_ref().filter(|path| !path.as_os_str().is_empty());
        named.map(|path| crate::text::read(path).context("unable to read TLS CA file")).transpose()
    }

    /// Runs the bootstrap.
    pub(super) async fn bootstrap(&self, found: Particulars, context: &CommandContext) -> anyhow::Result<()> {
        let path = found.path.unwrap_or_default();
        let clean = clean_relative_path(&path);
        let given_path = if path.is_empty() { String::new() } else { format!("./{clean}") };
        let mut components = self.components.options(context)?;
        fetch_manifests(&self.components, &mut components, context).await?;
        let options = Options {
            elsewhere: context.elsewhere(),
            components,
            registry_credentials: self.components.registry_credentials()?,
            remote: found.remote,
            branch: self.branch.clone(),
            path: clean,
            given_path,
            sync_url: found.sync_url,
            interval: found.interval,
            secret_name: self.secret_name.clone(),
            auth: found.auth,
            recurse_submodules: self.recurse_submodules,
            sparse_checkout: list_flag::all(&self.sparse_checkout),
            author_name: self.author_name.clone(),
            author_email: self.author_email.clone(),
            commit_message_appendix: self.commit_message_appendix.clone(),
            signer: found.signer,
            request: self.request.options()?,
            force: self.force,
            silent: found.silent,
            dry_run: self.dry_run,
        };
        let session = context.session_with(found.client);
        let times = crate::ops::bootstrap::bootstrap(&session, &options, found.provider.as_ref()).await?;
        if context.verbose {
            for timing in times {
                context.ui.note(&format!("{:<14} {:6.2}s", timing.step, timing.took.as_secs_f64()));
            }
        }
        Ok(())
    }
}

/// Keeps the pair that basic authentication sends out of every line: a server may repeat the header.
pub(super) fn redact_pair(context: &CommandContext, user: &str, password: &Secret) {
    if !password.is_empty() {
        context.ui.redact(&Secret::new(format!("{user}:{}", password.reveal())));
    }
}
