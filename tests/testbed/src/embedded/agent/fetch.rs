//! The commit of a Git repository's branch, with fluxr's own Git.

use super::surroundings::Files;
use super::surroundings::Surroundings;
use super::surroundings::text;
use crate::forge::clean_git;
use anyhow::Context;
use base64::Engine;
use fluxr::testing::git::Auth;
use fluxr::testing::git::Files as Tree;
use fluxr::testing::git::GitError;
use fluxr::testing::git::GitUrl;
use fluxr::testing::git::Item;
use fluxr::testing::git::Remote;
use fluxr::testing::git::SshAuth;
use fluxr::testing::git::ssh::PrivateKey;
use fluxr::testing::render::IgnoreFiles;
use fluxr::testing::render::Memory;
use fluxr::testing::text::Secret;
use serde_json::Value;
use std::path::Path;

/// What a look at the remote has brought.
pub enum Fetched {
    /// The branch is where it was.
    Unchanged,
    New {
        commit: String,
        subject: String,
        files: Files,
    },
}

/// Why there is nothing, as the condition tells it.
#[derive(Debug)]
pub struct Failure {
    pub reason: &'static str,
    pub message: String,
}

fn failed(message: impl std::fmt::Display) -> Failure {
    Failure {
        reason: "GitOperationFailed",
        message: format!("failed to checkout and determine revision: {message}"),
    }
}

/// The branch that is wanted; `master` by default.
pub fn branch_of(object: &Value) -> &str {
    match text(object, "/spec/ref/branch") {
        "" => "master",
        branch => branch,
    }
}

/// Fields that only a real source-controller knows.
const UNKNOWN: [&str; 11] = [
    "ref/tag",
    "ref/semver",
    "ref/name",
    "ref/commit",
    "include",
    "proxySecretRef",
    "recurseSubmodules",
    "serviceAccountName",
    "sparseCheckout",
    "verify",
    "provider",
];

/// Looks at the remote; clones when the branch is not at the revision that is stored.
pub async fn fetch(around: &Surroundings, object: &Value, stored: &str) -> Result<Fetched, Failure> {
    if let Some(field) = UNKNOWN.iter().find(|field| super::kustomization::is_set(object, field)) {
        let field = field.replace('/', ".");
        return Err(failed(format!(
            "the embedded agent does not know spec.{field}; a real source-controller does"
        )));
    }
    let remote = remote(around, object)?;
    let (branch, url) = (branch_of(object), text(object, "/spec/url"));
    if !stored.is_empty() {
        let heads = remote
            .list()
            .await
            .map_err(|error| failed(format!("unable to list remote for '{url}': {error}")))?;
        let head = heads.branches.iter().find(|(name, _)| name == branch);
        if head.is_some_and(|(_, commit)| stored == format!("{branch}@sha1:{commit}")) {
            return Ok(Fetched::Unchanged);
        }
    }
    let clone = remote.clone_commits(branch, 1).await.map_err(|error| match error {
        GitError::BranchMissing { branch, .. } => {
            failed(format!("unable to clone '{url}': couldn't find remote ref \"refs/heads/{branch}\""))
        }
        error => failed(format!("unable to clone '{url}': {error}")),
    })?;
    let Some(commit) = clone.head() else {
        return Err(Failure { reason: "EmptyGitRepository", message: "git repository is empty".to_owned() });
    };
    let subject = subject_of(clone.path()).map_err(failed)?;
    let mut files = Files::new();
    clone.files().and_then(|tree| read(&tree, "", &mut files)).map_err(failed)?;
    let files = published(files, text(object, "/spec/ignore")).map_err(failed)?;
    Ok(Fetched::New { commit, subject, files })
}

/// What a source with this `spec.ignore` puts into an artifact.
fn published(files: Files, ignore: &str) -> anyhow::Result<Files> {
    let all = Memory(files);
    let rules = IgnoreFiles::read(&all, "")?.of_source(ignore);
    let is_in = |path: &String| !rules.excludes(&path.split('/').collect::<Vec<_>>(), false);
    Ok(all.0.into_iter().filter(|(path, _)| is_in(path)).collect())
}

fn remote(around: &Surroundings, object: &Value) -> Result<Remote, Failure> {
    let url = text(object, "/spec/url");
    let parsed = GitUrl::parse(url).map_err(|error| Failure {
        reason: "URLInvalid",
        message: format!("failed to parse url '{url}': {error}"),
    })?;
    let unusable = |message: String| Failure { reason: "AuthenticationFailed", message };
    let name = text(object, "/spec/secretRef/name");
    if name.is_empty() {
        return Ok(Remote::new(parsed, Auth::None));
    }
    let namespace = text(object, "/metadata/namespace");
    let Some(secret) = around.api.get("Secret", namespace, name) else {
        return Err(unusable(format!(
            "failed to get secret '{namespace}/{name}': secrets \"{name}\" not found"
        )));
    };
    let field = |name: &str| -> Option<String> {
        let encoded = text(&secret, &format!("/data/{}", name.replace('/', "~1")));
        let plain = secret["stringData"][name].as_str().map(str::to_owned);
        plain
            .or_else(|| {
                String::from_utf8(base64::engine::general_purpose::STANDARD.decode(encoded).ok()?).ok()
            })
            .filter(|text| !text.is_empty())
    };
    let auth = if let Some(identity) = field("identity") {
        let passphrase = field("password").map(Secret::from);
        let key = PrivateKey::parse(&identity, passphrase.as_ref(), "identity")
            .map_err(|error| unusable(format!("failed to configure authentication options: {error}")))?;
        let known_hosts = field("known_hosts").unwrap_or_default();
        Auth::Ssh(SshAuth { key: Some(key), known_hosts, ..SshAuth::default() })
    } else if let Some(token) = field("bearerToken") {
        Auth::Bearer(token.into())
    } else if let (Some(username), Some(password)) = (field("username"), field("password")) {
        Auth::Basic { username, password: password.into() }
    } else {
        Auth::None
    };
    let ca = field("ca.crt").or_else(|| field("caFile")).map(String::into_bytes);
    Ok(Remote { ca, ..Remote::new(parsed, auth) })
}

/// The first line of the commit's message, cut as source-controller cuts it.
fn subject_of(clone: &Path) -> anyhow::Result<String> {
    let output =
        clean_git().arg("-C").arg(clone).args(["log", "-1", "--format=%s"]).output().context("asking git")?;
    let subject = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(match subject.char_indices().nth(50) {
        Some((at, _)) => format!("{}...", &subject[..at]),
        None => subject,
    })
}

/// All files below a folder. An artifact has no links.
fn read(tree: &Tree, folder: &str, files: &mut Files) -> Result<(), GitError> {
    for (name, item) in tree.list(folder)? {
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        match item {
            Item::Folder => read(tree, &path, files)?,
            Item::File => drop(files.insert(path.clone(), tree.read(&path)?)),
            Item::Link(_) | Item::Module => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_is_not_published() {
        let files = |paths: &[(&str, &str)]| -> Files {
            paths.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
        };
        let left = |files: Files, ignore: &str| -> Vec<String> {
            published(files, ignore).unwrap().into_keys().collect()
        };
        let plain = files(&[("a.png", ""), ("a.yaml", "")]);
        assert_eq!(left(plain.clone(), ""), ["a.yaml"]);
        assert_eq!(left(plain, "a.yaml"), ["a.png"]);
        let own = files(&[
            (".sourceignore", "b"),
            ("b/c.yaml", ""),
            ("d/.sourceignore", "/e"),
            ("d/e", ""),
            ("e", ""),
        ]);
        assert_eq!(left(own, ""), [".sourceignore", "d/.sourceignore", "e"]);
    }
}
