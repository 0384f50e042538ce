//! `create source oci`.

use super::verification::Verification;
use crate::api::meta::CloudProvider;
use crate::api::source::oci_repository::LayerOperation;
use crate::api::source::oci_repository::LayerSelector;
use crate::api::source::oci_repository::OCI_REPOSITORY;
use crate::api::source::oci_repository::OCIRepositorySpec;
use crate::api::source::oci_repository::OciReference;
use crate::api::source::oci_repository::OciVerification;
use crate::api::word;
use crate::cli::CommandContext;
use crate::cli::completion;
use crate::cli::help_text;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::cli::oci_provider;
use crate::commands::create::common;
use crate::commands::create::common::SourceFlags;
use crate::commands::create::fields;
use crate::commands::create::fields::some;
use crate::ops::create::Manner;
use crate::text::quoted;
use anyhow::Context as _;

const EXAMPLES: &str = "\
# Follow a tag of an artifact
fluxr create source oci app --url=oci://ghcr.io/acme/app --tag=latest
# The newest 1.x release, if it was signed by a workflow of its repository
fluxr create source oci app --url=oci://ghcr.io/acme/app --tag-semver=1.x \\
  --verify-provider=cosign \\
  --verify-issuer='^https://token.actions.githubusercontent.com$' \\
  --verify-subject='^https://github.com/acme/app.*$'";

/// Create or update an OCIRepository source
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SourceOciArgs {
    /// Name of the object
    #[arg(value_name = "name", add = completion::names_of(&OCI_REPOSITORY))]
    name: Vec<String>,
    /// Address of the artifact, oci://<registry>/<name>
    #[arg(long, help_heading = help_text::REPOSITORY)]
    url: String,
    /// Tag to follow
    #[arg(long, help_heading = help_text::REPOSITORY)]
    tag: String,
    /// Range of semantic versions whose newest tag is followed
    #[arg(long, help_heading = help_text::REPOSITORY)]
    tag_semver: String,
    /// Digest of the artifact, sha256:<hex>
    #[arg(long, help_heading = help_text::REPOSITORY)]
    digest: String,
    /// Layer to use and whether it is unpacked or kept: <media-type>:extract or <media-type>:copy
    #[arg(long, help_heading = help_text::REPOSITORY, hide_short_help = true)]
    layer_selector: String,
    /// How the registry is logged in to: generic, aws, azure or gcp
    #[arg(long, default_value = "generic", value_name = "generic|aws|azure|gcp", value_parser = oci_provider, help_heading = help_text::AUTHENTICATION)]
    provider: CloudProvider,
    /// Secret with the credentials, as docker login writes them
    #[arg(long, value_name = "secret", help_heading = help_text::AUTHENTICATION)]
    secret_ref: String,
    /// ServiceAccount whose image pull secrets are used
    #[arg(long, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    service_account: String,
    /// Secret with the TLS certificates of the registry
    #[arg(long, value_name = "secret", help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    cert_ref: String,
    /// Secret with the address and credentials of a proxy
    #[arg(long, value_name = "secret", help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    proxy_secret_ref: String,
    /// Allow plain HTTP
    #[arg(long, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    insecure: bool,
    #[command(flatten)]
    verification: Verification,
    /// Paths to leave out, in the syntax of .gitignore
    #[arg(long, value_parser = items, help_heading = help_text::REPOSITORY, hide_short_help = true)]
    ignore_paths: Vec<Items>,
}

impl SourceOciArgs {
    pub(super) async fn run(self, flags: SourceFlags, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        anyhow::ensure!(!self.url.is_empty(), "url is required");
        let versions = [&self.tag_semver, &self.tag, &self.digest];
        anyhow::ensure!(
            versions.iter().any(|given| !given.is_empty()),
            "--tag, --tag-semver or --digest is required"
        );
        let layer_selector = layer_selector(&self.layer_selector)?;
        let labels = flags.shared.labels()?;
        let spec = OCIRepositorySpec { layer_selector, ..self.spec(&flags)? };
        let object = common::object(&OCI_REPOSITORY, name, &context.namespace, labels, &spec)?;
        let manner = Manner::completed(OCI_REPOSITORY.kind);
        match common::export_or_apply(&flags.shared, context, &OCI_REPOSITORY, &object, &manner).await? {
            Some(ready) => common::fetched(context, &ready, "no artifact was found"),
            None => Ok(()),
        }
    }

    fn spec(&self, flags: &SourceFlags) -> anyhow::Result<OCIRepositorySpec> {
        let verify = self.verification.checked()?.map(|(provider, secret_ref, match_oidc_identity)| {
            OciVerification { provider, secret_ref, match_oidc_identity, ..OciVerification::default() }
        });
        Ok(OCIRepositorySpec {
            url: self.url.clone(),
            interval: flags.shared.interval.into(),
            timeout: fields::time(flags.fetch_timeout),
            provider: Some(self.provider),
            insecure: self.insecure.then_some(true),
            r#ref: Some(OciReference {
                digest: some(&self.digest),
                semver: some(&self.tag_semver),
                tag: some(&self.tag),
                ..OciReference::default()
            }),
            ignore: fields::lines(&self.ignore_paths),
            service_account_name: some(&self.service_account),
            secret_ref: fields::reference(&self.secret_ref),
            proxy_secret_ref: fields::reference(&self.proxy_secret_ref),
            cert_secret_ref: fields::reference(&self.cert_ref),
            verify,
            ..OCIRepositorySpec::default()
        })
    }
}

/// `<media-type>:<operation>`.
fn layer_selector(text: &str) -> anyhow::Result<Option<LayerSelector>> {
    if text.is_empty() {
        return Ok(None);
    }
    let parts = text
        .split_once(':')
        .filter(|(media_type, operation)| !media_type.is_empty() && !operation.is_empty());
    let (media_type, operation) = parts.with_context(|| {
        format!("invalid --layer-selector {}: must be in the format '<media-type>:<operation>'", quoted(text))
    })?;
    let operation: LayerOperation = word::known(operation).with_context(|| {
        format!("invalid --layer-selector {}: operation must be \"extract\" or \"copy\"", quoted(text))
    })?;
    Ok(Some(LayerSelector { media_type: some(media_type), operation: Some(operation) }))
}
