//! The GitHub App that the cluster logs in as: what changes, `history`, `drift` and `rollback` do with it.

use super::rolling_back::record;
use super::world::REPOSITORY;
use super::world::TOKEN;
use super::world::World;
use super::world::said;
use crate::support::Output;
use crate::support::flux_object;
use crate::support::ready;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;
use std::io::Write;
use std::process::Command;
use std::process::Stdio;
use std::sync::LazyLock;
use testbed::forge::Action;
use testbed::forge::Fault;
use testbed::forge::Merge;

pub const ID: u64 = 42;
const INSTALLATION: u64 = 4711;
/// How the app is asked for its token.
const ASKED: &str = "POST /api/v3/app/installations/4711/access_tokens";

/// What openssl makes of an input.
fn openssl(line: &str, input: &str) -> String {
    let mut child = Command::new("openssl")
        .args(line.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {line}");
    String::from_utf8(output.stdout).unwrap()
}

/// The private key of the app as GitHub hands it out: PKCS#1.
static KEY: LazyLock<String> = LazyLock::new(|| openssl("genrsa -traditional 2048", ""));

/// A fleet whose GitRepository logs in as an app that is installed for its owner.
pub struct AppWorld {
    pub world: World,
}

impl AppWorld {
    pub fn new() -> Self {
        Self::with(&[("githubAppInstallationID", "4711")])
    }

    /// With these fields of the Secret, beside those that every app has; an empty one is left out.
    fn with(fields: &[(&str, &str)]) -> Self {
        let world = World::new();
        world.forge.add_app(ID, INSTALLATION, "ada", &openssl("rsa -RSAPublicKey_out", &KEY)).unwrap();
        let this = Self { world };
        this.secret(fields);
        this.source("GitRepository", json!({}));
        this
    }

    /// Writes the Secret.
    pub fn secret(&self, fields: &[(&str, &str)]) {
        let forge = &self.world.forge;
        let api = format!("https://{}/api/v3", forge.host());
        let ca = std::fs::read_to_string(forge.ca_file()).unwrap();
        let usual = [
            ("githubAppID", "42"),
            ("githubAppPrivateKey", KEY.as_str()),
            ("githubAppBaseURL", &api),
            ("ca.crt", &ca),
        ];
        let mut data = json!({});
        for (key, value) in usual.iter().chain(fields) {
            data[*key] = json!(STANDARD.encode(value));
        }
        data.as_object_mut().unwrap().retain(|_, value| *value != json!(""));
        self.world.api.put(json!({"apiVersion": "v1", "kind": "Secret", "data": data,
            "metadata": {"name": "app", "namespace": "flux-system"}}));
    }

    /// Writes the GitRepository, with these changes of its spec.
    fn source(&self, kind: &str, change: Value) {
        let mut spec = json!({"url": self.world.url(), "interval": "1m0s", "ref": {"branch": "main"},
            "provider": "github", "secretRef": {"name": "app"}});
        json_patch::merge(&mut spec, &change);
        self.world.api.put(flux_object(kind, "flux-system", spec, ready("True", "stored", json!({}))));
    }

    /// Runs a line without any token, and checks that nothing secret is told.
    #[track_caller]
    pub fn run(&self, line: &str) -> Output {
        self.run_with(line, &[])
    }

    #[track_caller]
    fn run_with(&self, line: &str, variables: &[(&str, &str)]) -> Output {
        // Git's own configuration has no helper that could answer.
        let quiet = [("GIT_CONFIG_NOSYSTEM", "true"), ("GIT_CONFIG_GLOBAL", "/dev/null")];
        let mut command = self.world.cli.command(&line.split_whitespace().collect::<Vec<_>>());
        command.envs(quiet).envs(variables.iter().copied()).stdin(Stdio::null());
        let seen = said(command.output().unwrap());
        let told = format!("{}{}", seen.out, seen.err);
        let token = self.world.forge.app_token(ID);
        assert!(token.is_empty() || !told.contains(&token), "the token is told: {told}");
        // Every signed token begins like this.
        assert!(!told.contains("eyJ"), "a signed token is told: {told}");
        let line_of_key = KEY.lines().nth(3).unwrap();
        assert!(!told.contains(line_of_key), "the key is told: {told}");
        seen
    }

    /// The cluster has applied the fleet.
    fn applies(&self) {
        let commit = self.world.git(&["rev-parse", "main"]);
        let spec = json!({"path": "./clusters/one", "interval": "10m0s",
            "sourceRef": {"kind": "GitRepository", "name": "flux-system"}});
        let history = json!([record(&commit, "ReconciliationSucceeded", "2026-01-01T00:00:00Z")]);
        let revision = format!("main@sha1:{commit}");
        let status = ready("True", "applied", json!({"history": history, "lastAppliedRevision": revision}));
        self.world.api.put(flux_object("Kustomization", "flux-system", spec, status));
    }

    /// How often the app has asked for a token.
    fn asked(&self) -> usize {
        let lines = self.world.forge.requests().into_iter();
        lines.filter(|one| format!("{} {}", one.method, one.path) == ASKED).count()
    }

    /// It fails with these words, and nothing is pushed.
    #[track_caller]
    fn refuses(&self, line: &str, words: &[&str]) {
        let before = self.world.git(&["rev-parse", "main"]);
        let seen = self.run(line);
        for word in words {
            assert!(seen.failed().contains(word), "no \"{word}\" in:\n{}", seen.err);
        }
        assert_eq!(self.world.git(&["rev-parse", "main"]), before);
    }
}

#[test]
fn a_change_is_pushed_with_the_app_of_the_cluster() {
    let app = AppWorld::new();
    let seen = app.run("suspend ks shop --push --verbose");
    assert_eq!(seen.succeeded(), "");
    assert!(seen.err.ends_with("✔ pushed change\n"), "{}", seen.err);
    assert!(app.world.file("clusters/one/shop.yaml").unwrap().contains("suspend: true"));
    assert_eq!(app.asked(), 1);
    app.world.left_the_cluster_alone();
    // The key may be in the other form, too.
    app.secret(&[
        ("githubAppInstallationID", "4711"),
        ("githubAppPrivateKey", &openssl("pkcs8 -topk8 -nocrypt", &KEY)),
    ]);
    app.run("resume ks shop --push").succeeded();
}

#[test]
fn a_request_is_opened_by_the_app_that_its_owner_has_installed() {
    let app = AppWorld::with(&[("githubAppInstallationOwner", "Ada")]);
    app.world.forge.protect_branch(REPOSITORY, "main").unwrap();
    let line = "suspend ks shop --pull-request --pr-label=ops";
    let seen = app.run(line);
    assert_eq!(seen.succeeded(), "");
    assert!(seen.err.contains("✔ opened pull request #1: https://"), "{}", seen.err);
    assert_eq!(app.world.request().author, "app-42[bot]");
    let again = app.run(line);
    assert_eq!(again.succeeded(), "");
    assert!(again.err.contains("✔ pull request #1 is up to date: https://"), "{}", again.err);
    app.world.request();
}

#[test]
fn the_app_logs_in_again_five_minutes_before_its_token_ends() {
    let app = AppWorld::new();
    app.world.with_controllers(None);
    app.world.forge.change_app(ID, |app| app.lifetime = 5 * 60 + 2);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| app.run("suspend ks shop --pull-request --pr-wait --timeout=1m"));
        while app.asked() < 2 && !run.is_finished() {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        app.world.forge.merge_request(REPOSITORY, 1, Merge::Commit).unwrap();
        let seen = run.join().unwrap();
        assert!(seen.code == 0 && seen.err.contains("✔ pull request #1 was merged"), "{}", seen.err);
    });
}

#[test]
fn history_and_drift_read_commits_as_the_app() {
    let app = AppWorld::new();
    app.applies();
    let seen = app.run("history ks/flux-system");
    assert!(seen.succeeded().contains("the fleet"), "{}{}", seen.out, seen.err);
    assert_eq!(seen.err, "");
    let seen = app.run("drift ks/flux-system");
    assert_eq!((seen.code, seen.err.as_str()), (1, ""));
    assert!(seen.out.contains("Kustomization/flux-system/shop missing"), "{}", seen.out);
    assert_eq!(app.asked(), 2);
    app.world.forge.change_app(ID, |app| app.is_suspended = true);
    let seen = app.run("history ks/flux-system");
    let warning = "without the commits of GitRepository/flux-system/flux-system: logging in as the GitHub App of Secret \
                   \"flux-system/app\": asking for a token of installation 4711 of app 42: This installation has been suspended";
    assert!(seen.err.contains(warning), "{}", seen.err);
}

#[test]
fn a_folder_is_rolled_back_with_the_app() {
    let app = AppWorld::new();
    let first = app.world.git(&["rev-parse", "main"]);
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cache, namespace: other}\n";
    app.world.forge.commit(REPOSITORY, "main", &[("apps/cache/cache.yaml", Some(text))], "break").unwrap();
    let spec = json!({"path": "./apps/cache", "interval": "10m0s",
        "sourceRef": {"kind": "GitRepository", "name": "flux-system"}});
    app.world.api.put(flux_object("Kustomization", "cache", spec, ready("False", "no", json!({}))));
    let seen = app.run(&format!("rollback ks/cache --to={first} --push"));
    assert_eq!(seen.succeeded(), "");
    assert!(app.world.file("apps/cache/cache.yaml").unwrap().contains("namespace: web"));
}

#[test]
fn tokens_and_passwords_of_a_person_come_before_the_app() {
    let app = AppWorld::new();
    app.run_with("suspend ks shop --push --forge=github", &[("GITHUB_TOKEN", TOKEN)]).succeeded();
    app.run_with("resume ks shop --push", &[("GIT_PASSWORD", TOKEN)]).succeeded();
    assert_eq!(app.asked(), 0);
    // A token that is not sent there does not prevent the app from logging in.
    app.run_with("suspend ks shop --pull-request", &[("GITHUB_TOKEN", "not-for-this-host")]).succeeded();
    assert_eq!(app.asked(), 1);
}

#[test]
fn the_app_goes_to_the_host_that_the_cluster_names_and_no_other() {
    let app = AppWorld::new();
    let other = app.world.url().replace("127.0.0.1", "localhost");
    app.refuses(
        &format!("suspend ks shop --push --fleet-url={other}"),
        &["nothing was sent to localhost to log in with"],
    );
    app.refuses("suspend ks shop --push --forge=gitlab", &["nothing was sent to 127.0.0.1 to log in with"]);
    assert_eq!(app.asked(), 0);
}

#[test]
fn a_token_that_is_answered_late_is_asked_for_again() {
    let app = AppWorld::new();
    let path = "/access_tokens";
    for action in [Action::Answer(502, vec![], "<html>"), Action::Silence, Action::CutOff] {
        app.world.forge.inject(Fault { method: "POST", path, after: 0, times: 1, action });
    }
    app.run("suspend ks shop --push").succeeded();
    assert_eq!(app.asked(), 4);
}

#[test]
fn a_token_that_a_refusal_repeats_is_not_shown() {
    let answers = [
        ("POST", "/access_tokens", 201, r#"{"token": "ghs_repeated1234"}"#),
        ("GET", "info/refs", 400, "no rights for ghs_repeated1234\n"),
        ("POST", "git-upload-pack", 400, "no rights for ghs_repeated1234\n"),
    ];
    for line in ["history ks/flux-system", "drift ks/flux-system", "suspend ks shop --push"] {
        let app = AppWorld::new();
        app.applies();
        for (method, path, status, body) in answers {
            let action = Action::Answer(status, vec![("content-type", "text/plain")], body);
            app.world.forge.inject(Fault { method, path, after: 0, times: 9, action });
        }
        let seen = app.run(line);
        let told = format!("{}{}", seen.out, seen.err);
        assert!(!told.contains("ghs_repeated1234"), "{line}: {told}");
        assert!(told.contains("no rights for [redacted]"), "{line}: {told}");
    }
}

#[test]
fn a_secret_that_lacks_something_is_named_with_it() {
    let app = AppWorld::new();
    let rsa = KEY.as_str();
    let ec = openssl("ecparam -genkey -name prime256v1 -noout", "");
    let locked = openssl("pkcs8 -topk8 -passout pass:right", rsa);
    let installed = ("githubAppInstallationID", "4711");
    for (fields, words) in [
        (vec![installed, ("githubAppPrivateKey", "")], "it has no \"githubAppPrivateKey\""),
        (
            vec![installed, ("githubAppPrivateKey", "s3cret")],
            "its \"githubAppPrivateKey\" is not a key in PEM form",
        ),
        (vec![installed, ("githubAppPrivateKey", &ec)], "its \"githubAppPrivateKey\" is not an RSA key"),
        (
            vec![installed, ("githubAppPrivateKey", &locked)],
            "is not an RSA key of at least 2048 bits without a passphrase",
        ),
        (vec![installed, ("githubAppID", "")], "it has no \"githubAppID\""),
        (vec![installed, ("githubAppID", "x")], "its \"githubAppID\" is not a number: \"x\""),
        (vec![], "it has neither \"githubAppInstallationOwner\" nor \"githubAppInstallationID\""),
        (
            vec![installed, ("githubAppInstallationOwner", "ada")],
            "it has both \"githubAppInstallationOwner\" and",
        ),
        (vec![("githubAppInstallationID", "0")], "its \"githubAppInstallationID\" is not a number: \"0\""),
        (
            vec![installed, ("githubAppBaseURL", "http://127.0.0.1")],
            "its \"githubAppBaseURL\" is not an address over HTTPS",
        ),
    ] {
        app.secret(&fields);
        let named = "logging in as the GitHub App of Secret \"flux-system/app\": ";
        let hint = "hint: create the Secret again: `fluxr create secret githubapp`";
        app.refuses("suspend ks shop --push", &[named, words, hint]);
    }
    app.source("GitRepository", json!({"secretRef": null}));
    app.refuses("suspend ks shop --push", &["the GitRepository names no Secret (spec.secretRef)"]);
    assert_eq!(app.world.forge.requests(), []);
}

#[test]
fn what_github_refuses_is_told_with_what_to_do() {
    let app = AppWorld::new();
    let installed = ("githubAppInstallationID", "4711");
    let other = openssl("genrsa 2048", "");
    for (fields, words, hint) in [
        (
            vec![installed, ("githubAppID", "43")],
            "there is no app of this ID",
            "the ID is in the settings of the app",
        ),
        (
            vec![installed, ("githubAppPrivateKey", other.as_str())],
            "the key is not one of the app",
            "generate a private key",
        ),
        (
            vec![("githubAppInstallationID", "4712")],
            "the app has no such installation",
            "the number is at the end",
        ),
        (
            vec![("githubAppInstallationOwner", "grace")],
            "looking for the installation of the app for \"grace\": the app is not installed there",
            "install the app for this organization or user",
        ),
    ] {
        app.secret(&fields);
        let named = "logging in as the GitHub App of Secret \"flux-system/app\": ";
        app.refuses("suspend ks shop --push", &[named, words, hint]);
    }
    app.secret(&[installed]);
    for seconds in [-3600, 3600] {
        app.world.forge.set_clock_ahead(seconds);
        app.refuses(
            "suspend ks shop --push",
            &[
                "GitHub does not accept the time of this request (there it is ",
                "set the clock of this machine",
            ],
        );
    }
    // A minute is allowed.
    for seconds in [-50, 50] {
        app.world.forge.set_clock_ahead(seconds);
        app.run("suspend ks shop --dry-run").succeeded();
    }
    app.world.forge.set_clock_ahead(0);
    app.world.forge.change_app(ID, |app| app.is_suspended = true);
    app.refuses(
        "suspend ks shop --push",
        &["This installation has been suspended", "unsuspend the installation"],
    );
}

#[test]
fn an_app_that_may_only_read_or_not_even_that_is_told_what_it_needs() {
    let app = AppWorld::new();
    app.world.forge.change_app(ID, |app| app.may_write = false);
    let needs =
        "the app of the cluster needs the permission to write contents, and its installation this repository";
    app.refuses("suspend ks shop --push", &[needs]);
    app.world.forge.change_app(ID, |app| app.account = "grace".to_owned());
    app.refuses("suspend ks shop --push", &["not found"]);
    // Its token is gone before it is used.
    app.world.forge.change_app(ID, |app| app.account = "ada".to_owned());
    let body = "Authentication failed\n";
    let action = Action::Answer(401, vec![], body);
    app.world.forge.inject(Fault { method: "GET", path: "info/refs", after: 0, times: 9, action });
    let refused = "127.0.0.1 refused the token of the GitHub App in Secret \"flux-system/app\", which is valid for an hour";
    app.refuses("suspend ks shop --push", &["authentication failed", refused]);
}

#[test]
fn who_may_not_read_the_secret_logs_in_by_other_means() {
    let app = AppWorld::new();
    app.world.api.fail("GET", "/secrets/app", 9, crate::support::Fault::Status(403));
    app.refuses("suspend ks shop --push", &["nothing was sent to 127.0.0.1 to log in with"]);
}
