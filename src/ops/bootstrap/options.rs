//! What a bootstrap is asked to do, checked and complete: no step asks the command line again.

use crate::distribution::ComponentOptions;
use crate::forge::Forge;
use crate::forge::Team;
use crate::forge::Word;
use crate::git::GitUrl;
use crate::git::Remote;
use crate::git::sign::Signer;
use crate::git::ssh::KeyAlgorithm;
use crate::git::ssh::KeyPair;
use crate::ops::Elsewhere;
use crate::ops::request::RequestOptions;
use crate::ops::secret::NewSecret;
use crate::text::Secret;
use std::time::Duration;

/// Everything that the steps need to know.
pub struct Options {
    /// How what the repository's kustomizations name by an address is reached.
    pub elsewhere: Elsewhere,
    pub components: ComponentOptions,
    /// User and password of the image registry.
    pub registry_credentials: Option<(String, Secret)>,
    /// How this program clones and pushes.
    pub remote: Remote,
    pub branch: String,
    /// Folder of this cluster in the repository, without `./`; empty for the root.
    pub path: String,
    /// The same as it was given, for titles; empty when it was not given.
    pub given_path: String,
    /// Where the cluster finds the repository.
    pub sync_url: String,
    pub interval: Duration,
    pub secret_name: String,
    pub auth: SourceAuth,
    pub recurse_submodules: bool,
    pub sparse_checkout: Vec<String>,
    pub author_name: String,
    pub author_email: String,
    pub commit_message_appendix: String,
    pub signer: Option<Signer>,
    /// Propose what goes into the repository instead of pushing it onto the branch.
    pub request: Option<RequestOptions>,
    /// Take over an installation managed by another tool, without asking.
    pub force: bool,
    /// Do not ask whether the public key has access.
    pub silent: bool,
    /// Say what would be done, and do nothing.
    pub dry_run: bool,
}

impl Options {
    /// The namespace that Flux lives in, and the name of its objects.
    pub fn namespace(&self) -> &str {
        &self.components.namespace
    }

    /// The folder of Flux's own manifests in the repository.
    pub fn directory(&self) -> String {
        if self.path.is_empty() {
            self.namespace().to_owned()
        } else {
            format!("{}/{}", self.path, self.namespace())
        }
    }

    /// How the deploy key is called at the forge: one per cluster folder, so that clusters do not take each other's.
    pub fn deploy_key_title(&self) -> String {
        [self.namespace(), &self.branch, &self.secret_name, &self.given_path]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("-")
    }
}

/// How source-controller will log in to the repository.
pub enum SourceAuth {
    /// With these fields: a user and a password, or a token.
    Fields(NewSecret),
    /// With a deploy token of the forge; `ca` is its certificate authority, or empty.
    DeployToken { ca: String },
    /// With a key pair from a file.
    Loaded { pair: Box<KeyPair>, passphrase: Option<Secret>, host: GitUrl, host_key_algorithms: Vec<String> },
    /// With a key pair made once and kept.
    Generated { algorithm: KeyAlgorithm, host: GitUrl, host_key_algorithms: Vec<String> },
}

/// The forge of the repository, and its settings there.
pub struct Provider {
    pub forge: Box<dyn Forge>,
    /// What to do if it refuses the token.
    pub token_refused: String,
    pub visibility: Word,
    /// Bring an existing repository and its teams to what was asked.
    pub reconcile: bool,
    pub read_write_key: bool,
    pub teams: Vec<Team>,
}

impl Provider {
    /// `https://host/owner/repository`.
    pub fn url(&self) -> String {
        self.forge.target().url()
    }
}
