//! A cluster and a forge that belong together, with people who can use them.

use crate::Cluster;
use crate::Forge;
use std::collections::BTreeMap;
use std::path::Path;

/// The person whom [`Testbed::environment`] makes you.
const LOGIN: &str = "ada";
/// A word that opens nothing but this forge, which lives on loopback and ends with the testbed.
const TOKEN: &str = "ghp_testbed";

/// Everything there is.
pub struct Testbed {
    pub cluster: Cluster,
    pub forge: Forge,
}

impl Testbed {
    /// Starts both with their state below `folder`: an empty cluster, and a forge with one person and one organization.
    ///
    /// # Errors
    /// A part that is not built or does not come up.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let cluster = Cluster::start(folder)?;
        let forge = Forge::start(&cluster.folder().join("forge"))?;
        forge.add_user(LOGIN, TOKEN, "repo, admin:org");
        forge.add_organization("lovelace", &["platform", "readers"]);
        Ok(Self { cluster, forge })
    }

    /// The variables that lead into it.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let kubeconfig = self.cluster.kubeconfig().display().to_string();
        let authority = self.forge.ca_file().display().to_string();
        BTreeMap::from(
            [
                ("KUBECONFIG", kubeconfig),
                ("GITHUB_USER", LOGIN.to_owned()),
                ("GITHUB_TOKEN", TOKEN.to_owned()),
                ("FORGE", self.forge.host()),
                ("FORGE_SSH", self.forge.ssh_host()),
                ("FORGE_CA", authority),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        )
    }
}
