//! The referee of GitHub's API from npm: the validating proxy prism, and GitHub's own description, installed once per user.

use crate::places;
use crate::say;
use anyhow::Context;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

const DESCRIPTION: &str = "23.0.2";
const PRISM: &str = "5.14.2";

/// The paths in use. With all of them prism needs 20 s and 350 MB to start.
const PATHS: [&str; 19] = [
    "/user",
    "/user/repos",
    "/users/{username}",
    "/orgs/{org}/repos",
    "/repos/{owner}/{repo}",
    "/repos/{owner}/{repo}/collaborators/{username}",
    "/repos/{owner}/{repo}/keys",
    "/repos/{owner}/{repo}/keys/{key_id}",
    "/repos/{owner}/{repo}/pulls",
    "/repos/{owner}/{repo}/pulls/{pull_number}",
    "/repos/{owner}/{repo}/pulls/{pull_number}/merge",
    "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers",
    "/repos/{owner}/{repo}/pulls/{pull_number}/reviews",
    "/repos/{owner}/{repo}/issues/{issue_number}/labels",
    "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}",
    "/orgs/{org}/installation",
    "/users/{username}/installation",
    "/app/installations/{installation_id}/access_tokens",
    "/rate_limit",
];

/// Refusals that GitHub documents for all of its API, but describes for a few calls only: bad credentials, missing rights, hidden
/// things, limits, troubles of its own. They have the shape of its `basic-error`.
const EVERYWHERE: [&str; 8] = ["401", "403", "404", "409", "429", "500", "502", "503"];

/// An installed referee.
pub struct Installed {
    /// The program that node runs.
    pub prism: PathBuf,
    /// GitHub's description of the paths in use.
    pub description: PathBuf,
}

fn folder() -> anyhow::Result<PathBuf> {
    // The last number counts what is made of the description here.
    Ok(places::cache()?.join(format!("referee-{PRISM}-{DESCRIPTION}-6")))
}

/// The referee, when it was installed before.
///
/// # Errors
/// It is not installed, or node is missing.
pub fn installed() -> anyhow::Result<Installed> {
    let folder = folder()?;
    let description = folder.join("description.json");
    anyhow::ensure!(
        description.is_file(),
        "the referee of GitHub's API is not installed yet: `cargo testbed build` does it"
    );
    places::require(&[("node", "runs the referee of GitHub's API; 18 or newer")])?;
    Ok(Installed { prism: folder.join("node_modules/@stoplight/prism-cli/dist/index.js"), description })
}

/// Whether everything is there that an installation needs; nothing is started.
///
/// # Errors
/// npm or node is missing.
pub fn require() -> anyhow::Result<()> {
    if folder()?.is_dir() {
        return places::require(&[("node", "runs the referee of GitHub's API; 18 or newer")]);
    }
    places::require(&[
        ("npm", "installs the referee of GitHub's API"),
        ("node", "runs the referee of GitHub's API; 18 or newer"),
    ])
}

/// Installs the referee unless that was done before. The caller holds the lock of the cache.
///
/// # Errors
/// npm or node is missing, or npm fails, with what it said.
pub fn install() -> anyhow::Result<()> {
    if installed().is_ok() {
        return Ok(());
    }
    require()?;
    say::tell(&format!("Installing prism {PRISM} and GitHub's description {DESCRIPTION} from npm"));
    let fresh = tempfile::tempdir_in(places::cache()?)?;
    let npm = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", "."])
        .arg(format!("@octokit/openapi@{DESCRIPTION}"))
        .arg(format!("@stoplight/prism-cli@{PRISM}"))
        .current_dir(fresh.path())
        .stdin(Stdio::null())
        .output()
        .context("starting npm")?;
    let said = String::from_utf8_lossy(&npm.stderr);
    anyhow::ensure!(npm.status.success(), "npm could not install the referee of GitHub's API: {said}");
    let package = fresh.path().join("node_modules/@octokit");
    let description = describe(&package.join("openapi/generated/api.github.com.json"))?;
    std::fs::write(fresh.path().join("description.json"), description.to_string())?;
    // 400 MB that are not read again.
    std::fs::remove_dir_all(package)?;
    let folder = folder()?;
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::rename(fresh.keep(), folder)?;
    Ok(())
}

/// The description with the paths in use, and what they refer to.
fn describe(file: &Path) -> anyhow::Result<Value> {
    let whole = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let whole: Value = serde_json::from_slice(&whole)?;
    let mut slim = json!({"openapi": whole["openapi"], "info": whole["info"], "paths": {}, "components": {}});
    for path in PATHS {
        anyhow::ensure!(whole["paths"][path].is_object(), "GitHub's description has no path {path}");
        slim["paths"][path] = whole["paths"][path].clone();
        refusals(&mut slim["paths"][path]);
    }
    let mut open = Vec::new();
    references(&slim["paths"], &mut open);
    let mut done = BTreeSet::new();
    while let Some(reference) = open.pop() {
        if !done.insert(reference.clone()) {
            continue;
        }
        let place = reference.trim_start_matches("#/components/");
        let (kind, name) = place.split_once('/').context("a reference names a kind")?;
        let described = &whole["components"][kind][name];
        anyhow::ensure!(!described.is_null(), "GitHub's description has no {reference}");
        slim["components"][kind][name] = described.clone();
        references(described, &mut open);
    }
    Ok(slim)
}

/// Adds the refusals that every call can meet to the calls of a path, where GitHub does not describe them.
fn refusals(path: &mut Value) {
    let schema = json!({"$ref": "#/components/schemas/basic-error"});
    let answer = json!({"description": "Refused", "content": {"application/json": {"schema": schema}}});
    for call in path.as_object_mut().into_iter().flat_map(|calls| calls.values_mut()) {
        let Some(answers) = call["responses"].as_object_mut() else { continue };
        for status in EVERYWHERE {
            let described = answers.entry(status).or_insert_with(|| answer.clone());
            if status.starts_with('5') {
                // The front of GitHub, which speaks when the API behind it does not, speaks HTML.
                described["content"]["text/html"] = json!({"schema": {"type": "string"}});
            }
        }
    }
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                found.push(reference.to_owned());
            }
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
