//! The forges that there are, and what is known of each before one of its repositories is asked for.

use super::Forge;
use super::Hosted;
use super::Opening;
use super::Word;
use super::github::GitHub;
use futures::future::BoxFuture;

/// A forge whose calls are being prepared.
type Opened = BoxFuture<'static, anyhow::Result<Box<dyn Forge>>>;

/// A forge before one of its repositories is asked for.
#[derive(Debug)]
pub struct ForgeKind {
    /// The word for it in commands and flags.
    pub word: Word,
    /// The variable that holds a token for it.
    pub token: &'static str,
    /// Hosts that are known to be this forge.
    pub public: &'static [&'static str],
    /// The folder of its repositories in addresses over HTTP, with a slash; empty if there is none.
    pub folder: &'static str,
    /// Whether Git sends its token alone, and not as a password.
    pub takes_bearer: bool,
    open: fn(Opening) -> Opened,
}

/// All of them.
pub static FORGES: &[ForgeKind] = &[
    ForgeKind::of::<GitHub>(),
    ForgeKind::of::<super::gitlab::GitLab>(),
    ForgeKind::of::<super::gitea::Gitea>(),
    ForgeKind::of::<super::bitbucket::BitbucketServer>(),
];

impl ForgeKind {
    const fn of<F: Hosted>() -> Self {
        Self {
            word: F::COMMAND,
            token: F::TOKEN,
            public: F::PUBLIC,
            folder: F::FOLDER,
            takes_bearer: F::TAKES_BEARER,
            open: open::<F>,
        }
    }

    /// The forge that apps belong to.
    pub fn of_apps() -> &'static Self {
        static OF_APPS: ForgeKind = ForgeKind::of::<GitHub>();
        &OF_APPS
    }

    /// Prepares the calls for a repository.
    ///
    /// # Errors
    /// As [`Hosted::open`].
    pub async fn open(&self, opening: Opening) -> anyhow::Result<Box<dyn Forge>> {
        (self.open)(opening).await
    }

    /// What the names of its hosts contain.
    pub fn name_in_hosts(&self) -> &'static str {
        self.word.split('-').next().unwrap_or(self.word)
    }
}

impl PartialEq for ForgeKind {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for ForgeKind {}

fn open<F: Hosted>(opening: Opening) -> Opened {
    Box::pin(async move { Ok(Box::new(F::open(opening).await?) as Box<dyn Forge>) })
}
