//! `create`: an object from flags, on stdout or into the cluster.

mod alert;
mod alert_provider;
mod chart_source;
mod common;
mod fields;
mod helmrelease;
mod image;
mod kustomization;
mod receiver;
mod receiver_type;
mod references;
mod secret;
mod source;
mod tenant;

use crate::cli::CommandContext;
use crate::cli::group;
use common::SharedArgs;

/// Create or update sources and resources
#[derive(clap::Args, Debug)]
pub struct CreateArgs {
    #[command(flatten)]
    shared: SharedArgs,
    #[command(subcommand)]
    what: What,
}

group! {
    What(SharedArgs) {
        Source(source::SourceArgs),
        #[command(alias = "ks")]
        Kustomization(kustomization::KustomizationArgs),
        #[command(alias = "hr", name = "helmrelease")]
        HelmRelease(helmrelease::HelmReleaseArgs),
        Secret(secret::SecretArgs),
        Alert(alert::AlertArgs),
        AlertProvider(alert_provider::AlertProviderArgs),
        Receiver(receiver::ReceiverArgs),
        Image(image::ImageArgs),
        Tenant(tenant::TenantArgs),
    }
}

impl CreateArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        self.shared.check()?;
        self.what.run(self.shared, context).await
    }
}
