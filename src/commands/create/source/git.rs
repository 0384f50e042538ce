//! `create source git`.

use crate::api::meta::GitReference;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::api::source::git_repository::GitProvider;
use crate::api::source::git_repository::GitRepositorySpec;
use crate::cli::CommandContext;
use crate::cli::SshKeyArgs;
use crate::cli::completion;
use crate::cli::help_text;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::commands::create::common;
use crate::commands::create::common::SharedArgs;
use crate::commands::create::common::SourceFlags;
use crate::commands::create::fields;
use crate::commands::create::fields::some;
use crate::git::GitUrl;
use crate::git::Scheme;
use crate::ops;
use crate::ops::create::Manner;
use crate::ops::secret::NewSecret;
use crate::text::GoUrl;
use crate::text::Secret;
use anyhow::Context as _;
use std::path::PathBuf;
use std::time::Duration;

const EXAMPLES: &str = "\
# Follow the main branch of a repository
fluxr create source git app --url=https://github.com/acme/app --branch=main
# The newest 1.x release, written to a file that can be committed
fluxr create source git app --url=https://github.com/acme/app \\
  --tag-semver=\">=1.0.0 <2.0.0\" --export > source.yaml";

/// Create or update a GitRepository source
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SourceGitArgs {
    /// Name of the object
    #[arg(value_name = "name", add = completion::names_of(&GIT_REPOSITORY))]
    name: Vec<String>,
    /// Address of the repository: ssh, http or https
    #[arg(long, help_heading = help_text::REPOSITORY)]
    url: String,
    /// Branch to follow
    #[arg(long, help_heading = help_text::REPOSITORY)]
    branch: String,
    /// Tag to check out
    #[arg(long, help_heading = help_text::REPOSITORY)]
    tag: String,
    /// Range of semantic versions whose newest tag is followed
    #[arg(long, help_heading = help_text::REPOSITORY)]
    tag_semver: String,
    /// Full name of a ref, such as refs/pull/1/head
    #[arg(long, help_heading = help_text::REPOSITORY, hide_short_help = true)]
    ref_name: String,
    /// Commit to check out
    #[arg(long, help_heading = help_text::REPOSITORY)]
    commit: String,
    /// User of basic authentication
    #[arg(long, short = 'u', help_heading = help_text::AUTHENTICATION)]
    username: String,
    /// Password of basic authentication, or of the private key
    #[arg(long, short = 'p', help_heading = help_text::AUTHENTICATION)]
    password: Option<Secret>,
    #[command(flatten)]
    key: SshKeyArgs,
    /// Secret with the credentials, instead of a generated one
    #[arg(long, value_name = "secret", help_heading = help_text::AUTHENTICATION)]
    secret_ref: String,
    /// Secret with the address and credentials of a proxy
    #[arg(long, value_name = "secret", help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    proxy_secret_ref: String,
    /// How the Git server is logged in to: generic, github, aws or azure
    #[arg(long, value_name = "generic|github|aws|azure", value_parser = provider, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    provider: Option<GitProvider>,
    /// File with the certificate authority of the server
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    ca_file: Option<PathBuf>,
    /// Check out submodules too
    #[arg(long, help_heading = help_text::REPOSITORY, hide_short_help = true)]
    recurse_submodules: bool,
    /// Folders to check out (default: all)
    #[arg(long, value_parser = items, help_heading = help_text::REPOSITORY, hide_short_help = true)]
    sparse_checkout_paths: Vec<Items>,
    /// Paths to leave out, in the syntax of .gitignore
    #[arg(long, value_parser = items, help_heading = help_text::REPOSITORY, hide_short_help = true)]
    ignore_paths: Vec<Items>,
    /// Assume that the deploy key is known to the server, without asking
    #[arg(long, short = 's', help_heading = help_text::AUTHENTICATION)]
    silent: bool,
}

impl SourceGitArgs {
    fn named_ca_file(&self) -> Option<&PathBuf> {
        self.ca_file.as_ref().filter(|path| !path.as_os_str().is_empty())
    }

    pub(super) async fn run(
        self,
        SourceFlags { shared, fetch_timeout }: SourceFlags,
        context: &CommandContext,
    ) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?.to_owned();
        let url = self.checked_url()?;
        let labels = shared.labels()?;
        let mut spec = self.spec(&shared, fetch_timeout);
        let build = |spec: &GitRepositorySpec, labels| {
            common::object(&GIT_REPOSITORY, &name, &context.namespace, labels, spec)
        };
        if shared.is_written() {
            let has_password = self.password.as_ref().is_some_and(|password| !password.is_empty());
            shared.refuse_credentials(self.secret_ref.is_empty() && has_password)?;
            let object = build(&spec, labels)?;
            return common::write_one(&shared, context, &GIT_REPOSITORY, &object).await;
        }
        context.ui.generate("generating GitRepository source");
        let session = context.session().await?;
        let mut manner = Manner::completed("GitRepository source");
        if self.secret_ref.is_empty()
            && let Some(secret) = self.credentials(&url, context).await?
        {
            session.sink.action("applying secret with repository credentials");
            manner.has_new_secret =
                ops::secret::upsert(&session, &name, &secret.with_labels(labels.clone())).await?;
            session.sink.success("authentication configured");
            spec.secret_ref = fields::reference(&name);
        }
        let object = build(&spec, labels)?;
        let ready = ops::create::apply(&session, &GIT_REPOSITORY, &object, &manner).await?;
        let missing = "GitRepository source reconciliation completed but no artifact was found";
        common::fetched(context, &ready, missing)
    }

    fn checked_url(&self) -> anyhow::Result<GoUrl> {
        anyhow::ensure!(!self.url.is_empty(), "url is required");
        let url = common::url(&self.url)?;
        let scheme = common::scheme(&url)?;
        let reference = [&self.branch, &self.tag, &self.tag_semver, &self.commit, &self.ref_name];
        anyhow::ensure!(
            reference.iter().any(|given| !given.is_empty()),
            "a Git ref is required, use one of the following: --branch, --tag, --commit, --ref-name or --tag-semver"
        );
        anyhow::ensure!(
            scheme != Scheme::Ssh || self.named_ca_file().is_none(),
            "specifying a CA file is not supported for Git over SSH"
        );
        Ok(url)
    }

    fn spec(&self, shared: &SharedArgs, fetch_timeout: Duration) -> GitRepositorySpec {
        GitRepositorySpec {
            url: self.url.clone(),
            interval: shared.interval.into(),
            timeout: fields::time(fetch_timeout),
            r#ref: Some(self.reference()),
            recurse_submodules: self.recurse_submodules.then_some(true),
            ignore: fields::lines(&self.ignore_paths),
            sparse_checkout: fields::list(&self.sparse_checkout_paths),
            secret_ref: fields::reference(&self.secret_ref),
            proxy_secret_ref: fields::reference(&self.proxy_secret_ref),
            provider: self.provider,
            ..GitRepositorySpec::default()
        }
    }

    /// The most exact reference wins; those below it are left out.
    fn reference(&self) -> GitReference {
        let mut reference = GitReference::default();
        if !self.commit.is_empty() {
            reference.commit = some(&self.commit);
            reference.branch = some(&self.branch);
        } else if !self.ref_name.is_empty() {
            reference.name = some(&self.ref_name);
        } else if !self.tag_semver.is_empty() {
            reference.semver = some(&self.tag_semver);
        } else if !self.tag.is_empty() {
            reference.tag = some(&self.tag);
        } else {
            reference.branch = some(&self.branch);
        }
        reference
    }

    /// What the controller needs to log in, if anything; the deploy key is shown and asked about.
    async fn credentials(&self, url: &GoUrl, context: &CommandContext) -> anyhow::Result<Option<NewSecret>> {
        let ui = &context.ui;
        let secret = match common::scheme(url)? {
            Scheme::Ssh => {
                let pair = common::key_pair(&self.key, self.password.as_ref(), ui).await?;
                let host = GitUrl::parse(&self.url)?;
                let known_hosts = ops::secret::scan(&host, &[], context.timeout).await?;
                ui.success("collected public key from SSH server:");
                ui.note(&known_hosts);
                ui.generate(format!("deploy key: {}", pair.public));
                if !self.silent {
                    let question = "Have you added the deploy key to your repository";
                    ui.confirm(question, "--silent", "aborting").await?;
                }
                NewSecret::ssh(&pair, &known_hosts, self.password.as_ref())
            }
            scheme => {
                let mut secret = NewSecret::default();
                if let Some(path) = self.named_ca_file().filter(|_| scheme == Scheme::Https) {
                    let ca = crate::text::read_text(path).context("unable to read TLS CA file")?;
                    secret = secret.with_ca(&ca);
                }
                let password = self.password.as_ref().filter(|password| !password.is_empty());
                if let Some(password) = password.filter(|_| !self.username.is_empty()) {
                    secret = secret.with_basic(&self.username, password);
                }
                // Upstream warns of every such URL.
                if scheme == Scheme::Http && (url.has_user || !secret.is_empty()) {
                    ui.warning("insecure configuration: credentials configured for an HTTP URL");
                }
                secret
            }
        };
        Ok(Some(secret).filter(|secret| !secret.is_empty()))
    }
}

fn provider(text: &str) -> Result<GitProvider, String> {
    match text {
        "generic" => Ok(GitProvider::Generic),
        "github" => Ok(GitProvider::Github),
        "aws" => Ok(GitProvider::Aws),
        "azure" => Ok(GitProvider::Azure),
        _ if text.trim().is_empty() => {
            Err("no source Git provider given, please specify the Git provider name".to_owned())
        }
        _ => Err(format!(
            "source Git provider '{text}' is not supported, must be one of: generic|github|aws|azure"
        )),
    }
}
