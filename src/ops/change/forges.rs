//! The known forges, and which of them a host belongs to.

use crate::forge::Hosted;
use crate::forge::Word;
use crate::forge::bitbucket::BitbucketServer;
use crate::forge::gitea::Gitea;
use crate::forge::github::GitHub;
use crate::forge::gitlab::GitLab;
use crate::git::GitUrl;

/// The forges by the word that names them after `bootstrap`, each with the variable that holds its token.
pub const FORGES: [(Word, &str); 4] = [
    (GitHub::COMMAND, GitHub::TOKEN),
    (GitLab::COMMAND, GitLab::TOKEN),
    (Gitea::COMMAND, Gitea::TOKEN),
    (BitbucketServer::COMMAND, BitbucketServer::TOKEN),
];

/// Hosts that are known to be what their names say.
const PUBLIC: [&str; 4] = ["github.com", "gitlab.com", "gitea.com", "codeberg.org"];

/// Whether a host is known to be that of its forge.
pub(super) fn is_public(url: &GitUrl) -> bool {
    PUBLIC.contains(&&*url.host().to_ascii_lowercase())
}

/// The forge whose name the host contains, e.g. `gitea.example.com`.
pub(super) fn known(url: &GitUrl) -> Option<Word> {
    let host = url.host().to_ascii_lowercase();
    let is_named = |word: &str| {
        word.split('-').next().is_some_and(|name| host.split(['.', '-']).any(|part| part == name))
    };
    FORGES.iter().map(|(word, _)| *word).find(|word| is_named(word))
}
