//! `create source helm`.

use crate::api::source::helm_repository::HELM_REPOSITORY;
use crate::api::source::helm_repository::HelmRepositorySpec;
use crate::api::source::helm_repository::HelmRepositoryType;
use crate::cli::CommandContext;
use crate::cli::completion;
use crate::cli::help_text;
use crate::commands::create::common;
use crate::commands::create::common::SourceFlags;
use crate::commands::create::fields;
use crate::commands::create::fields::some;
use crate::ops;
use crate::ops::create::Manner;
use crate::ops::secret::NewSecret;
use crate::text;
use crate::text::GoUrl;
use crate::text::Secret;
use anyhow::Context as _;
use std::path::PathBuf;

const EXAMPLES: &str = "\
# The index of a chart repository
fluxr create source helm acme --url=https://charts.example.com --interval=10m
# Charts in a registry, with a user and a password that are kept in a Secret
fluxr create source helm acme --url=oci://ghcr.io/acme/charts \\
  --username=ada --password-file=./password";

const TITLE: &str = "HelmRepository source";

/// Create or update a HelmRepository source
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SourceHelmArgs {
    /// Name of the object
    #[arg(value_name = "name", add = completion::names_of(&HELM_REPOSITORY))]
    name: Vec<String>,
    /// Address of the index (http, https) or of the registry (oci)
    #[arg(long, help_heading = help_text::REPOSITORY)]
    url: String,
    /// User of basic authentication
    #[arg(long, short = 'u', help_heading = help_text::AUTHENTICATION)]
    username: String,
    /// Password of basic authentication
    #[arg(long, short = 'p', help_heading = help_text::AUTHENTICATION)]
    password: Option<Secret>,
    /// File with the client certificate, in PEM
    #[arg(long, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    cert_file: Option<PathBuf>,
    /// File with the private key of the client certificate, in PEM
    #[arg(long, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    key_file: Option<PathBuf>,
    /// File with the certificate authority of the server
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    ca_file: Option<PathBuf>,
    /// Secret with the credentials, instead of a generated one
    #[arg(long, value_name = "secret", help_heading = help_text::AUTHENTICATION)]
    secret_ref: String,
    /// Send the credentials also to other hosts that the index names
    #[arg(long, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    pass_credentials: bool,
    /// How a registry is logged in to: generic, aws, azure or gcp
    #[arg(long, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    oci_provider: String,
}

impl SourceHelmArgs {
    pub(super) async fn run(self, flags: SourceFlags, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        anyhow::ensure!(!self.url.is_empty(), "url is required");
        let shared = &flags.shared;
        let labels = shared.labels()?;
        let mut spec = self.spec(&flags)?;
        let is_registry = spec.r#type == Some(HelmRepositoryType::Oci);
        let mut object = common::object(&HELM_REPOSITORY, name, &context.namespace, labels.clone(), &spec)?;
        if shared.is_written() {
            let has_password = self.password.as_ref().is_some_and(|password| !password.is_empty());
            shared.refuse_credentials(self.secret_ref.is_empty() && has_password)?;
            return common::write_one(shared, context, &HELM_REPOSITORY, &object).await;
        }
        let (authority, certificate, key) = self.files()?;
        context.ui.generate(format!("generating {TITLE}"));
        let session = context.session().await?;
        let mut manner = Manner { written: "source", ..Manner::completed(TITLE) };
        if self.secret_ref.is_empty() {
            let password = self.password.clone().unwrap_or_default();
            let credentials = NewSecret::helm(&self.username, &password, &certificate, &key, &authority)?;
            if !credentials.is_empty() {
                let secret = format!("helm-{name}");
                session.sink.action("applying secret with repository credentials");
                manner.has_new_secret = ops::secret::upsert(&session, &secret, &credentials).await?;
                spec.secret_ref = fields::reference(&secret);
                spec.pass_credentials = self.pass_credentials.then_some(true);
                session.sink.success("authentication configured");
                object = common::object(&HELM_REPOSITORY, name, &context.namespace, labels, &spec)?;
            }
        }
        let ready = ops::create::apply(&session, &HELM_REPOSITORY, &object, &manner).await?;
        if is_registry {
            // Nothing is fetched before a chart is wanted.
            return Ok(());
        }
        let missing = "HelmRepository source reconciliation completed but no artifact was found";
        common::fetched(context, &ready, missing)
    }

    fn spec(&self, flags: &SourceFlags) -> anyhow::Result<HelmRepositorySpec> {
        let url = GoUrl::parse(&self.url).map_err(|error| anyhow::anyhow!("url parse failed: {error}"))?;
        anyhow::ensure!(
            matches!(url.scheme.as_str(), "http" | "https" | "oci"),
            "url scheme '{}' not supported, can be: http, https and oci",
            url.scheme
        );
        anyhow::ensure!(!url.host.is_empty(), "url host is required");
        let is_registry = url.scheme == "oci";
        let secret_ref = fields::reference(&self.secret_ref);
        Ok(HelmRepositorySpec {
            url: self.url.clone(),
            interval: Some(flags.shared.interval.into()),
            timeout: fields::time(flags.fetch_timeout),
            r#type: is_registry.then_some(HelmRepositoryType::Oci),
            provider: some(&self.oci_provider).filter(|_| is_registry).map(|name| name.as_str().into()),
            pass_credentials: (self.pass_credentials && secret_ref.is_some()).then_some(true),
            secret_ref,
            ..HelmRepositorySpec::default()
        })
    }

    /// The authority, the certificate and its key. A certificate without its key, or the other way round, is passed over.
    fn files(&self) -> anyhow::Result<(String, String, Secret)> {
        let given = |path: &Option<PathBuf>| path.clone().filter(|path| !path.as_os_str().is_empty());
        let read = |path: Option<PathBuf>, doing: &'static str| {
            path.map(|path| text::read_lossy(&path).context(doing)).transpose().map(Option::unwrap_or_default)
        };
        let authority = read(given(&self.ca_file), "unable to read TLS CA file")?;
        let pair = given(&self.cert_file).zip(given(&self.key_file)).unzip();
        let certificate = read(pair.0, "failed to read cert file")?;
        let key = Secret::new(read(pair.1, "failed to read key file")?);
        Ok((authority, certificate, key))
    }
}
