//! `create tenant`.

use super::common;
use super::common::SharedArgs;
use crate::api::ObjectId;
use crate::cli::CommandContext;
use crate::cli::completion;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::cluster::labels;
use crate::ops;
use crate::ops::tenant::Tenant;

const EXAMPLES: &str = "\
# Namespaces for a team, with an account in each that may do everything there
fluxr create tenant team --with-namespace=team-frontend,team-backend
# As files for the repository of a cluster, with fewer rights
fluxr create tenant team --with-namespace=team-apps --cluster-role=edit \\
  --export > team.yaml";

/// Create or update a tenant
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct TenantArgs {
    /// Name of the tenant
    #[arg(value_name = "name")]
    name: Vec<String>,
    /// Namespaces of the tenant
    #[arg(long, value_parser = items, add = completion::of(completion::namespaces))]
    with_namespace: Vec<Items>,
    /// ClusterRole that the account has in each of them
    #[arg(long, default_value = "cluster-admin")]
    cluster_role: String,
    /// Name of the account in each of them (default: that of the tenant)
    #[arg(long)]
    with_service_account: String,
    /// Leave the namespaces themselves alone: they exist already
    #[arg(long)]
    skip_namespace: bool,
}

impl TenantArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        check("tenant name", name)?;
        anyhow::ensure!(!self.cluster_role.is_empty(), "cluster-role is required");
        anyhow::ensure!(!self.with_namespace.is_empty(), "with-namespace is required");
        let account = Some(self.with_service_account.as_str()).filter(|account| !account.is_empty());
        let account = account.unwrap_or(name);
        let namespaces = list_flag::all(&self.with_namespace);
        let mut labels = None;
        for namespace in &namespaces {
            check("namespace", namespace)?;
            labels = Some(shared.labels()?);
            check("service-account name", account)?;
        }
        let tenant = Tenant {
            name,
            account,
            cluster_role: &self.cluster_role,
            labels: labels.unwrap_or_default(),
            skips_namespaces: self.skip_namespace,
        };
        if shared.is_written() {
            let mut objects = Vec::new();
            for namespace in &namespaces {
                objects.extend(tenant.objects(namespace)?);
            }
            let id = ObjectId::new("", "", "", name);
            return common::write(&shared, context, (&id, "tenant"), &objects).await;
        }
        let session = context.session().await?;
        ops::tenant::apply(&session, &tenant, &namespaces).await?;
        context.ui.success("tenant setup completed");
        Ok(())
    }
}

/// Upstream wants of these names what Kubernetes wants of the key of a label.
fn check(what: &str, name: &str) -> anyhow::Result<()> {
    let faults = labels::key_faults(name);
    anyhow::ensure!(faults.is_empty(), "invalid {what} '{name}': [{}]", faults.join(" "));
    Ok(())
}
