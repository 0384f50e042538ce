//! `create image repository`.

use crate::api::image::image_repository::IMAGE_REPOSITORY;
use crate::api::image::image_repository::ImageRepositorySpec;
use crate::cli::CommandContext;
use crate::cli::completion;
use crate::cli::go_duration;
use crate::cli::help_text;
use crate::commands::create::common;
use crate::commands::create::common::SharedArgs;
use crate::commands::create::fields;
use crate::oci;
use crate::ops::create::Manner;
use std::time::Duration;

const EXAMPLES: &str = "\
# Look for new tags of an image every five minutes
fluxr create image repository app --image=ghcr.io/acme/app --interval=5m
# An image of a private registry
fluxr create image repository app --image=registry.example.com/app \\
  --secret-ref=registry-login";

/// Create or update an ImageRepository object
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ImageRepositoryArgs {
    /// Name of the object
    #[arg(value_name = "name", add = completion::names_of(&IMAGE_REPOSITORY))]
    name: Vec<String>,
    /// The image, without a tag
    #[arg(long)]
    image: String,
    /// Secret with the credentials of the registry, as docker login writes them
    #[arg(long, value_name = "secret", help_heading = help_text::AUTHENTICATION)]
    secret_ref: String,
    /// Secret with the TLS certificates of the registry
    #[arg(long, value_name = "secret", help_heading = help_text::AUTHENTICATION)]
    cert_ref: String,
    /// Time limit of one scan (0: the default of the controller)
    #[arg(long, default_value = "0s", value_parser = go_duration, hide_short_help = true)]
    scan_timeout: Duration,
}

impl ImageRepositoryArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        anyhow::ensure!(!self.image.is_empty(), "an image repository (--image) is required");
        oci::check_repository(&self.image)
            .map_err(|reason| anyhow::anyhow!("unable to parse image value: {reason}"))?;
        let labels = shared.labels()?;
        let spec = ImageRepositorySpec {
            image: self.image,
            interval: shared.interval.into(),
            timeout: fields::time(self.scan_timeout),
            secret_ref: fields::reference(&self.secret_ref),
            cert_secret_ref: fields::reference(&self.cert_ref),
            ..ImageRepositorySpec::default()
        };
        let object = common::object(&IMAGE_REPOSITORY, name, &context.namespace, labels, &spec)?;
        shared.announce(context, IMAGE_REPOSITORY.kind);
        let manner = Manner { leaves_unchanged: true, ..Manner::completed(IMAGE_REPOSITORY.kind) };
        common::export_or_apply(&shared, context, &IMAGE_REPOSITORY, &object, &manner).await.map(drop)
    }
}
