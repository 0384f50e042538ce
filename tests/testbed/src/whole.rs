//! A cluster and a forge that belong together, with people who can use them.

use crate::Cluster;
use crate::Forge;
use crate::embedded;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

/// What a cluster is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// An API server and an agent in this process: nothing has to be built.
    Embedded,
    /// etcd, the control plane and Flux's controllers, built from the Go module proxy.
    Real,
}

/// A cluster of either sort.
pub enum AnyCluster {
    Embedded(embedded::Cluster),
    Real(Cluster),
}

impl AnyCluster {
    /// Starts an empty one with its state below `folder`.
    ///
    /// # Errors
    /// A part that is not built or does not come up.
    pub fn start(parts: Parts, folder: &Path) -> anyhow::Result<Self> {
        Ok(match parts {
            Parts::Embedded => Self::Embedded(embedded::Cluster::start(folder)?),
            Parts::Real => Self::Real(Cluster::start(folder)?),
        })
    }

    /// The kubeconfig of an administrator.
    pub fn kubeconfig(&self) -> PathBuf {
        match self {
            Self::Embedded(cluster) => cluster.kubeconfig(),
            Self::Real(cluster) => cluster.kubeconfig(),
        }
    }

    /// Where its state is.
    pub fn folder(&self) -> &Path {
        match self {
            Self::Embedded(cluster) => cluster.folder(),
            Self::Real(cluster) => cluster.folder(),
        }
    }

    /// Where a controller listens on the host; an embedded agent does not.
    pub fn address(&self, controller: &str, purpose: &str) -> Option<String> {
        match self {
            Self::Embedded(_) => None,
            Self::Real(cluster) => cluster.address(controller, purpose),
        }
    }

    /// Whether it ended by itself.
    pub fn has_ended(&self) -> bool {
        matches!(self, Self::Real(cluster) if cluster.has_ended())
    }

    /// Ends it.
    ///
    /// # Errors
    /// What had ended it before.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Embedded(cluster) => {
                cluster.stop();
                Ok(())
            }
            Self::Real(cluster) => cluster.stop(),
        }
    }
}

/// The person whom [`Testbed::environment`] makes you.
const LOGIN: &str = "ada";
/// A word that opens nothing but this forge, which lives on loopback and ends with the testbed.
const TOKEN: &str = "ghp_testbed";

/// Everything there is.
pub struct Testbed {
    pub cluster: AnyCluster,
    pub forge: Forge,
}

impl Testbed {
    /// Starts both with their state below `folder`: an empty cluster, and a forge with one person and one organization.
    ///
    /// # Errors
    /// A part that is not built or does not come up.
    pub fn start(parts: Parts, folder: &Path) -> anyhow::Result<Self> {
        let cluster = AnyCluster::start(parts, folder)?;
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
