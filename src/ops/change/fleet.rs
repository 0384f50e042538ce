//! Which repository the cluster follows, and which branch and folder of it: from flags, from the cluster, or from the checkout that the
//! working directory is in.

use super::checkout::only_cluster;
use super::login::Login;
use super::login::NamedBy;
use crate::api::ObjectId;
use crate::api::Role;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object::text;
use crate::api::object::text_if_set;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::cluster;
use crate::cluster::Deadline;
use crate::forge::ForgeKind;
use crate::git;
use crate::git::Checkout;
use crate::git::GitUrl;
use crate::git::Remote;
use crate::kind;
use crate::ops::Sink;
use crate::ops::clusters::NAME;
use crate::ops::git_app::AppLogin;
use crate::ops::git_source;
use crate::ops::git_source::Server;
use crate::text::clean_relative_path;
use crate::text::with_hint;
use kube::Client;
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

/// How long to wait for a cluster whose answer the change does not depend on.
const FOR_NEWS: Duration = Duration::from_secs(10);

/// What is known about the repository before anything is asked.
#[derive(Debug, Clone, Default)]
pub struct FleetOptions {
    pub url: Option<String>,
    pub branch: Option<String>,
    pub path: Option<String>,
    /// The working directory.
    pub here: PathBuf,
    /// Whether the cluster is asked even if everything is given, because it is waited for after the merge.
    pub is_waited_for: bool,
}

/// The repository of a cluster.
#[derive(Debug, Clone)]
pub struct Fleet {
    pub remote: Remote,
    /// The forge that it is at, as far as that may be told.
    pub(super) forge: Option<&'static ForgeKind>,
    /// Who named its address.
    pub(super) named_by: NamedBy,
    pub branch: String,
    /// The folder that the cluster applies, without `./`; empty for the root.
    pub path: String,
    /// The Kustomization that applies it, as far as it is known.
    pub(super) sync: Value,
    /// The GitRepository that the cluster follows.
    pub(super) source: ObjectId,
    /// Whether the cluster itself says that it follows this.
    pub is_followed: bool,
    /// Whether the cluster accepts only signed commits.
    pub(super) verifies: bool,
    /// The GitHub App of the cluster, if that is what logs in.
    pub(super) app: Option<AppLogin>,
    /// What the source ignores besides what the ignore files of the repository name, as far as it is known.
    pub(super) ignore: String,
}

/// What the repository is looked for with.
#[derive(Clone, Copy)]
pub struct FleetSearch<'a> {
    pub login: &'a Login,
    pub sink: &'a dyn Sink,
    pub deadline: Deadline,
    /// The clock.
    pub now: fn() -> jiff::Zoned,
}

impl Fleet {
    /// The Kustomization that applies the folder, if it is known.
    pub(super) fn sync_id(&self) -> Option<ObjectId> {
        self.is_followed.then(|| {
            KUSTOMIZATION.id(text(&self.sync, "/metadata/namespace"), text(&self.sync, "/metadata/name"))
        })
    }

    /// Whether an address is that of this repository.
    pub fn is_at(&self, url: &str) -> bool {
        is_same_at_any_host(&self.remote.url.to_string(), url)
    }

    /// Whether an object is the source or the Kustomization that the cluster follows the repository with: without them nothing that is
    /// committed reaches the cluster any more.
    pub(super) fn is_lifeline(&self, id: &ObjectId) -> bool {
        let at_source = || KUSTOMIZATION.id(&self.source.namespace, &self.source.name);
        self.source.is_same(id) || self.sync_id().unwrap_or_else(at_source).is_same(id)
    }

    /// Whether the cluster says that an object is suspended, if it is what applies the folder.
    pub(super) fn is_suspended(&self, id: &ObjectId) -> bool {
        self.sync["spec"]["suspend"] == true && self.sync_id().is_some_and(|sync| sync.is_same(id))
    }

    /// Where the objects of the cluster are declared, for messages.
    pub(super) fn shown(&self) -> String {
        format!("what the cluster applies from \"./{}\" of \"{}\"", self.path, self.remote.url)
    }
}

/// What the cluster or a checkout tells.
#[derive(Debug, Default)]
struct FollowedRepository {
    url: Option<String>,
    branch: Option<String>,
    path: Option<String>,
    server: Server,
    sync: Value,
    source: Option<ObjectId>,
    verifies: bool,
    ignore: String,
    /// Whether a checkout tells it.
    is_checkout: bool,
    /// Why no one tells it.
    why: Option<anyhow::Error>,
}

/// Finds the repository. `client` is the cluster, or why there is none; it is asked unless everything is given.
///
/// # Errors
/// Neither flags nor cluster nor checkout tell; the cluster does not follow a branch of a Git repository.
pub async fn find(
    wanted: &FleetOptions,
    client: impl AsyncFnOnce() -> anyhow::Result<Client>,
    namespace: &str,
    search: FleetSearch<'_>,
) -> anyhow::Result<Fleet> {
    let told = match wanted {
        FleetOptions { url: Some(_), branch: Some(_), path: Some(_), is_waited_for, .. } => {
            let asked = async { of_cluster(&client().await?, namespace, search).await };
            let limit = search.deadline.remaining().min(FOR_NEWS);
            let asking = cluster::in_time(limit, "asking the cluster", asked);
            let told = if *is_waited_for { asking.await.ok().flatten() } else { None };
            told.unwrap_or_default()
        }
        _ => tell(wanted, client, namespace, search).await?,
    };
    fleet(wanted, told, search).await
}

/// The repository of one Kustomization, and the folder that it applies.
///
/// # Errors
/// It does not follow a branch of a Git repository.
pub async fn of(
    client: &Client,
    kustomization: Value,
    wanted: &FleetOptions,
    search: FleetSearch<'_>,
) -> anyhow::Result<Fleet> {
    let told = told_by(client, kustomization, search).await?;
    fleet(wanted, told, search).await
}

async fn fleet(
    wanted: &FleetOptions,
    mut told: FollowedRepository,
    search: FleetSearch<'_>,
) -> anyhow::Result<Fleet> {
    let login = search.login;
    let told_url = told.url.clone();
    let url = wanted.url.clone().or(told.url);
    let branch = wanted.branch.clone().or(told.branch.clone());
    let path = wanted.path.clone().or(told.path);
    let (Some(url), Some(branch), Some(path)) = (&url, &branch, &path) else {
        let missing = [
            (url.is_none(), "the address of the repository", "--fleet-url"),
            (branch.is_none(), "the branch of the repository", "--fleet-branch"),
            (path.is_none(), "the folder of the cluster", "--fleet-path"),
        ];
        let missing: Vec<_> = missing.into_iter().filter(|(is_missing, ..)| *is_missing).collect();
        let list = |words: Vec<&str>| words.join(" and ");
        let what = list(missing.iter().map(|(_, what, _)| *what).collect());
        let verb = if missing.len() == 1 { "is" } else { "are" };
        let told_so = format!("{what} {verb} not known");
        let error = match told.why {
            Some(why) => why.context(told_so),
            None => anyhow::anyhow!(told_so),
        };
        let flags = list(missing.iter().map(|(.., flag)| *flag).collect());
        return Err(with_hint(error, format!("pass {flags}")));
    };
    let (url, branch) = (url.clone(), branch.clone());
    let path = clean_relative_path(path);
    let from = if wanted.url.is_none() && told.is_checkout { NamedBy::Checkout } else { NamedBy::Person };
    // The app is trusted with the host that the cluster names, and no other.
    let is_own_host = told_url.as_ref().is_some_and(|told| is_same_host(told, &url));
    // A fork is not what the cluster follows. From here, its host may have another name than in the cluster.
    let is_its_url = told_url.is_none_or(|told| is_same_at_any_host(&told, &url));
    // Another folder belongs to another Kustomization.
    let is_synced = clean_relative_path(text(&told.sync, "/spec/path")) == path;
    let app = told.server.app.take().filter(|_| is_own_host && login.needs_app(&url, from));
    let app = match app {
        Some(app) => {
            let limit = search.deadline.remaining();
            Some(app.log_in(search.sink, &(search.now)(), limit).await?)
        }
        None => None,
    };
    let remote = login.remote(&url, from, told.server, app.as_ref()).await?;
    Ok(Fleet {
        is_followed: !told.sync.is_null() && told.branch.as_ref() == Some(&branch) && is_synced && is_its_url,
        forge: if app.is_some() { Some(ForgeKind::of_apps()) } else { login.forge_at(&remote.url, from) },
        app,
        named_by: from,
        remote,
        branch,
        path,
        sync: if is_synced { told.sync } else { Value::Null },
        verifies: told.verifies,
        ignore: told.ignore,
        source: told.source.unwrap_or_else(|| GIT_REPOSITORY.id(NAME, NAME)),
    })
}

/// Whether two addresses are of one repository, over whatever protocol and by whatever name of the host.
fn is_same_at_any_host(one: &str, other: &str) -> bool {
    // Over HTTP, forges may be below a folder of their host.
    let path = |url: &str| Some(format!("/{}", GitUrl::parse(url).ok()?.repository()));
    match (path(one), path(other)) {
        (Some(one), Some(other)) => one.ends_with(&other) || other.ends_with(&one),
        _ => one == other,
    }
}

/// Whether two addresses are of one server.
fn is_same_host(one: &str, other: &str) -> bool {
    let server = |url: &str| GitUrl::parse(url).ok().map(|url| url.authority().to_ascii_lowercase());
    server(one).is_some_and(|one| server(other) == Some(one))
}

async fn tell(
    wanted: &FleetOptions,
    client: impl AsyncFnOnce() -> anyhow::Result<Client>,
    namespace: &str,
    search: FleetSearch<'_>,
) -> anyhow::Result<FollowedRepository> {
    let asked = async {
        let client = client().await?;
        of_cluster(&client, namespace, search).await
    };
    let of_cluster = search.deadline.bound("the cluster to answer", asked).await;
    let why = match of_cluster {
        Ok(Some(told)) => return Ok(told),
        Ok(None) => anyhow::anyhow!("the cluster has no GitRepository \"{NAME}\""),
        Err(error) => error,
    };
    // Another repository than that of the checkout has other branches and folders.
    let is_meant = |checkout: &Checkout| match (&wanted.url, &checkout.url) {
        (Some(wanted), Some(url)) => is_same_at_any_host(wanted, url),
        (Some(_), None) => false,
        (None, _) => true,
    };
    match git::checkout_around(&wanted.here)?.filter(is_meant) {
        Some(checkout) => Ok(FollowedRepository {
            url: checkout.url,
            branch: checkout.branch,
            path: match checkout.folder {
                Some(folder) if !folder.is_empty() => Some(folder),
                root if wanted.path.is_none() => only_cluster(&wanted.here, root)?,
                root => root,
            },
            is_checkout: true,
            ..FollowedRepository::default()
        }),
        None if wanted.url.is_some() => {
            Ok(FollowedRepository { why: Some(why), ..FollowedRepository::default() })
        }
        None => Err(with_hint(
            why.context("finding the repository that the cluster follows"),
            "run the command in a checkout of the repository, or pass --fleet-url, --fleet-branch and --fleet-path",
        )),
    }
}

/// What the objects of bootstrap say; their name is that of their namespace.
async fn of_cluster(
    client: &Client,
    namespace: &str,
    search: FleetSearch<'_>,
) -> anyhow::Result<Option<FollowedRepository>> {
    let mut names = vec![NAME];
    if namespace != NAME {
        names.push(namespace);
    }
    for name in names {
        let sync = match cluster::get(client, &KUSTOMIZATION, name, name).await {
            Ok(sync) => sync,
            Err(error) if cluster::is_missing(&error) => continue,
            Err(error) => return Err(error),
        };
        return told_by(client, sync, search).await.map(Some);
    }
    Ok(None)
}

async fn told_by(
    client: &Client,
    sync: Value,
    search: FleetSearch<'_>,
) -> anyhow::Result<FollowedRepository> {
    let home = text(&sync, "/metadata/namespace");
    let kind = text(&sync, "/spec/sourceRef/kind");
    let source_name = text(&sync, "/spec/sourceRef/name");
    let namespace = text_if_set(&sync, "/spec/sourceRef/namespace").unwrap_or(home);
    anyhow::ensure!(
        kind::has(kind, Role::GitSource),
        "{} follows {kind}/{namespace}/{source_name}, which is not a Git repository",
        KUSTOMIZATION.id(home, text(&sync, "/metadata/name"))
    );
    let source = cluster::get(client, &GIT_REPOSITORY, namespace, source_name).await?;
    let branch = text_if_set(&source, "/spec/ref/branch").map(str::to_owned);
    let has_fixed = ["tag", "semver", "commit", "name"]
        .iter()
        .any(|field| text_if_set(&source, &format!("/spec/ref/{field}")).is_some());
    if has_fixed {
        let error = anyhow::anyhow!(
            "GitRepository/{namespace}/{source_name} follows {}, not a branch",
            source.pointer("/spec/ref").unwrap_or_default()
        );
        return Err(with_hint(error, "pass the branch to write to with --fleet-branch and --fleet-url"));
    }
    // The cluster's own credentials are usually read-only: only an app is used, whose rights its owner chooses.
    let proxy = &search.login.elsewhere.proxy;
    let server = git_source::server(client, search.sink, (&source, namespace), proxy).await;
    Ok(FollowedRepository {
        url: text_if_set(&source, "/spec/url").map(str::to_owned),
        branch: Some(branch.unwrap_or_else(|| "master".to_owned())),
        path: Some(text(&sync, "/spec/path").to_owned()),
        server,
        // Tags are verified in addition to commits, or instead of them.
        verifies: source.pointer("/spec/verify").is_some_and(Value::is_object)
            && !text(&source, "/spec/verify/mode").eq_ignore_ascii_case("tag"),
        source: Some(GIT_REPOSITORY.id(namespace, source_name)),
        ignore: text(&source, "/spec/ignore").to_owned(),
        sync,
        ..FollowedRepository::default()
    })
}

#[cfg(test)]
mod tests {
    use super::is_same_at_any_host;

    #[test]
    fn a_repository_is_the_same_whatever_its_host_is_called() {
        let known = "ssh://git@gitea-ssh.gitea.svc:22/acme/fleet.git";
        for same in [
            "https://git.example.com/acme/fleet",
            "https://git.example.com/gitea/acme/Fleet.git",
            "https://bitbucket.example.com/scm/acme/fleet.git",
        ] {
            assert!(is_same_at_any_host(known, same), "{same}");
        }
        for other in
            ["https://git.example.com/ada/fleet", "https://git.example.com/acme/my-fleet.git", "fleet"]
        {
            assert!(!is_same_at_any_host(known, other), "{other}");
        }
    }
}
