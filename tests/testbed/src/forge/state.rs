//! What the forge knows: people, organizations, repositories, keys; and what is to go wrong.

use super::apps;
use super::apps::App;
use super::clean_git;
use super::referee::Referee;
use super::refusal::Refusal;
use super::requests::Request;
use anyhow::Context;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::OnceLock;
use std::sync::PoisonError;
use std::time::Duration;

/// The state and where the forge is reached.
pub struct Shared {
    state: Mutex<State>,
    pub repositories: PathBuf,
    pub port: u16,
    pub ssh_port: u16,
    pub referee: OnceLock<Referee>,
}

impl Shared {
    pub fn new(repositories: PathBuf, port: u16, ssh_port: u16) -> Self {
        let state = State {
            repositories: repositories.clone(),
            bitbucket_version: "8.19.1".to_owned(),
            ..State::default()
        };
        Self { state: Mutex::new(state), repositories, port, ssh_port, referee: OnceLock::new() }
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
pub struct State {
    repositories: PathBuf,
    pub users: BTreeMap<String, User>,
    pub organizations: BTreeMap<String, Vec<String>>,
    /// Number and name of what is above.
    pub named: BTreeMap<String, (u64, String)>,
    pub owned: BTreeMap<String, Repository>,
    pub faults: Vec<Fault>,
    pub log: Vec<Logged>,
    /// What was asked of the APIs, if it is kept.
    pub exchanges: Option<Vec<Exchange>>,
    next_id: u64,
    /// How often a request was looked at, by its repository and number.
    pub looks: BTreeMap<(String, u64), u32>,
    /// The version that Bitbucket Server says it has.
    pub bitbucket_version: String,
    pub apps: Vec<App>,
    /// By how many seconds the clock for tokens of apps is ahead.
    pub clock_ahead: i64,
}

#[derive(Clone)]
pub struct User {
    pub id: u64,
    pub login: String,
    pub token: String,
    pub scopes: String,
    /// Whether others do not see this user.
    pub is_hidden: bool,
    /// Whether this user has no access to any repository of others.
    pub is_outsider: bool,
    /// The account that an app is installed for, if this is one.
    pub installed_for: Option<String>,
}

impl User {
    /// The scopes of a fine-grained token that may only read: it has none.
    pub const FINE_GRAINED: &str = "";

    pub fn may_write(&self) -> bool {
        const WRITE: [&str; 4] = ["repo", "api", "write:repository", "PROJECT_ADMIN"];
        self.scopes.split(',').any(|scope| WRITE.contains(&scope.trim()))
    }
}

/// What a user may do with a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    Read,
    Write,
}

#[derive(Clone)]
pub struct Repository {
    pub id: u64,
    pub owner: String,
    pub name: String,
    /// `private`, `internal` or `public`.
    pub visibility: String,
    pub keys: Vec<DeployKey>,
    pub keys_disabled: bool,
    /// Team and permission.
    pub teams: BTreeMap<String, String>,
    pub tokens: Vec<DeployToken>,
    /// The oldest first.
    pub requests: Vec<Request>,
    /// The labels that requests can get, where they must be made first.
    pub labels: Vec<String>,
    /// Whether there are checks that have not passed yet.
    pub checks_pending: bool,
    /// Whether requests may be merged by themselves.
    pub allows_auto_merge: bool,
}

impl Repository {
    pub fn is_private(&self) -> bool {
        self.visibility != "public"
    }

    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }
}

/// A user name and a password that read one repository.
#[derive(Clone)]
pub struct DeployToken {
    pub id: u64,
    pub name: String,
    pub username: String,
    pub token: String,
}

#[derive(Clone)]
pub struct DeployKey {
    pub id: u64,
    pub title: String,
    pub key: String,
    pub read_only: bool,
}

impl DeployKey {
    /// What identifies a key is its type and its bytes, not the comment.
    pub fn is_same(&self, other: &str) -> bool {
        let bare = |key: &str| key.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>();
        bare(&self.key) == bare(other)
    }
}

/// One request, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    pub method: String,
    pub path: String,
    pub status: u16,
    /// How much was answered, as far as that is known.
    pub bytes: u64,
}

/// A request of an API and its answer, whole: with secrets.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub method: String,
    /// With the query.
    pub path: String,
    /// The body; null if there is none.
    pub asked: Value,
    pub status: u16,
    /// The body; null if there is none.
    pub answered: Value,
}

/// A request that goes wrong.
pub struct Fault {
    pub method: &'static str,
    /// Part of the path, query included.
    pub path: &'static str,
    /// How many matching requests pass before it, counted down.
    pub after: usize,
    /// How often it strikes.
    pub times: usize,
    pub action: Action,
}

/// How a request goes wrong.
#[derive(Clone)]
pub enum Action {
    /// Status, further headers and body.
    Answer(u16, Vec<(&'static str, &'static str)>, &'static str),
    /// GitHub's own refusal.
    Refuse(Refusal),
    /// Only half of the right answer arrives, then the connection ends.
    CutOff,
    /// The request is obeyed, but the connection ends without an answer.
    Silence,
    /// The answer is sent after this time.
    Delay(Duration),
    /// Something happens before the request is looked at.
    Call(std::sync::Arc<dyn Fn() + Send + Sync>),
}

impl State {
    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    pub fn add_user(&mut self, login: &str, token: &str, scopes: &str) {
        let user = User {
            id: self.id(),
            login: login.to_owned(),
            token: token.to_owned(),
            scopes: scopes.to_owned(),
            is_hidden: false,
            is_outsider: false,
            installed_for: None,
        };
        self.users.insert(login.to_owned(), user);
    }

    pub fn add_organization(&mut self, login: &str, name: &str, teams: &[&str]) {
        let id = self.id();
        self.named.insert(login.to_owned(), (id, name.to_owned()));
        self.organizations.insert(login.to_owned(), teams.iter().map(|team| (*team).to_owned()).collect());
    }

    pub fn user_of_token(&self, token: &str) -> Option<User> {
        self.users.values().find(|user| user.token == token).cloned().or_else(|| apps::bot(self, token))
    }

    /// Whether someone may be asked to review.
    pub fn may_review(&self, login: &str) -> bool {
        self.users.get(login).is_some_and(|user| !user.is_outsider)
    }

    /// What the token of a user opens: a public repository to everyone for reading; otherwise one of their own, or of an organization.
    pub fn right(&self, user: Option<&User>, full_name: &str) -> Option<Right> {
        let found = self.repository(full_name)?;
        let public = (!found.is_private()).then_some(Right::Read);
        let Some(user) = user else { return public };
        let belongs = match &user.installed_for {
            Some(account) => found.owner == *account,
            None => {
                found.owner.trim_start_matches('~') == user.login
                    || self.organizations.contains_key(&found.owner)
            }
        };
        match (belongs, user.may_write()) {
            (true, true) => Some(Right::Write),
            (true, false) if user.scopes == User::FINE_GRAINED => Some(Right::Read),
            _ => public,
        }
    }

    /// What a deploy token opens.
    pub fn right_of_token(&self, token: &str, full_name: &str) -> Option<Right> {
        let known = &self.repository(full_name)?.tokens;
        known.iter().any(|known| known.token == token).then_some(Right::Read)
    }

    pub fn add_token(&mut self, full_name: &str, name: &str) -> Option<DeployToken> {
        let id = self.id();
        let username = format!("gitlab+deploy-token-{id}");
        let token = DeployToken { id, name: name.to_owned(), username, token: format!("gldt-s3cret-{id}") };
        self.owned.get_mut(full_name)?.tokens.push(token.clone());
        Some(token)
    }

    pub fn repository(&self, full_name: &str) -> Option<&Repository> {
        self.owned.get(full_name)
    }

    pub fn repository_mut(&mut self, full_name: &str) -> Option<&mut Repository> {
        self.owned.get_mut(full_name)
    }

    pub fn create_repository(&mut self, owner: &str, name: &str, visibility: &str) -> anyhow::Result<()> {
        let path = self.repositories.join(owner).join(format!("{name}.git"));
        std::fs::create_dir_all(&path)?;
        let made =
            clean_git().args(["init", "--quiet", "--bare", "--initial-branch=main"]).arg(&path).status()?;
        anyhow::ensure!(made.success(), "git init failed for {}", path.display());
        for pair in [["http.receivepack", "true"], ["receive.denyNonFastForwards", "false"]] {
            let set = clean_git().current_dir(&path).arg("config").args(pair).status()?;
            anyhow::ensure!(set.success(), "git config failed for {}", path.display());
        }
        let repository = Repository {
            id: self.id(),
            owner: owner.to_owned(),
            name: name.to_owned(),
            visibility: visibility.to_owned(),
            tokens: Vec::new(),
            keys: Vec::new(),
            keys_disabled: false,
            teams: BTreeMap::new(),
            requests: Vec::new(),
            labels: Vec::new(),
            checks_pending: false,
            allows_auto_merge: true,
        };
        self.owned.insert(format!("{owner}/{name}"), repository);
        Ok(())
    }

    /// Where a repository is on disk.
    pub fn path_of(&self, full_name: &str) -> PathBuf {
        self.repositories.join(format!("{full_name}.git"))
    }

    pub fn delete_repository(&mut self, full_name: &str) -> anyhow::Result<()> {
        self.owned.remove(full_name).with_context(|| format!("there is no repository {full_name}"))?;
        std::fs::remove_dir_all(self.repositories.join(format!("{full_name}.git")))?;
        Ok(())
    }

    pub fn add_key(&mut self, full_name: &str, title: &str, key: &str, read_only: bool) -> Option<DeployKey> {
        let key = DeployKey { id: self.id(), title: title.to_owned(), key: key.to_owned(), read_only };
        self.owned.get_mut(full_name)?.keys.push(key.clone());
        Some(key)
    }

    pub fn protect_branch(&self, full_name: &str, branch: &str) -> anyhow::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let hook = self.repositories.join(format!("{full_name}.git/hooks/update"));
        let script = format!(
            "#!/bin/sh\n[ \"$1\" = \"refs/heads/{branch}\" ] || exit 0\n\
             echo 'error: GH006: Protected branch update failed for refs/heads/{branch}.' >&2\n\
             echo 'error: Changes must be made through a pull request.' >&2\nexit 1\n"
        );
        std::fs::create_dir_all(hook.parent().context("a hook has a folder")?)?;
        std::fs::write(&hook, script)?;
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755))?;
        Ok(())
    }

    /// What is to go wrong with this request.
    pub fn fault_for(&mut self, method: &str, path: &str) -> Option<Action> {
        for fault in &mut self.faults {
            if fault.method != method || !path.contains(fault.path) || fault.times == 0 {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            fault.times -= 1;
            return Some(fault.action.clone());
        }
        None
    }
}

pub fn commit(
    bare: &Path,
    branch: &str,
    files: &[(&str, Option<&str>)],
    message: &str,
) -> anyhow::Result<String> {
    let work = tempfile::tempdir()?;
    let git = |arguments: &[&str]| -> anyhow::Result<String> {
        let output = clean_git().current_dir(work.path()).args(arguments).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "git {arguments:?}: {said}");
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let bare = bare.display().to_string();
    git(&["clone", "--quiet", &bare, "."])?;
    if git(&["rev-parse", "--verify", "--quiet", &format!("origin/{branch}")]).is_ok() {
        git(&["checkout", "--quiet", "-B", branch, &format!("origin/{branch}")])?;
    } else {
        git(&["checkout", "--quiet", "-B", branch])?;
    }
    for (path, content) in files {
        let file = work.path().join(path);
        match content {
            Some(content) => {
                std::fs::create_dir_all(file.parent().context("a file has a folder")?)?;
                std::fs::write(file, content)?;
            }
            None => {
                std::fs::remove_file(&file)?;
                // Git keeps no empty folders, in whose place a file may come.
                let above = file.ancestors().skip(1).take_while(|folder| *folder != work.path());
                above.map_while(|folder| std::fs::remove_dir(folder).ok()).for_each(drop);
            }
        }
    }
    git(&["add", "--all"])?;
    git(&["commit", "--quiet", "--message", message])?;
    git(&["push", "--quiet", "origin", branch])?;
    git(&["rev-parse", "HEAD"])
}
