//! `bootstrap gitea` into a real Gitea, with real controllers that follow it.

use serde_json::Value;
use serde_json::json;
use std::process::Command;
use testbed::Cluster;
use testbed::Gitea;

struct Stage {
    folder: tempfile::TempDir,
    cluster: Cluster,
    gitea: Gitea,
    token: String,
}

struct Said {
    code: Option<i32>,
    text: String,
}

impl Stage {
    /// Ada owns the organization `acme`, which has the team `dev`.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let gitea = Gitea::start().unwrap();
        let token = gitea.add_user("ada", &[]).unwrap();
        gitea.ask_as(&token, "POST", "orgs", &json!({"username": "acme"})).unwrap();
        let team = json!({
            "name": "dev", "permission": "write", "units": ["repo.code"], "units_map": {"repo.code": "write"},
            "includes_all_repositories": false, "can_create_org_repo": false,
        });
        gitea.ask_as(&token, "POST", "orgs/acme/teams", &team).unwrap();
        let cluster = Cluster::start(&folder.path().join("cluster")).unwrap();
        Self { folder, cluster, gitea, token }
    }

    fn run_as(&self, token: &str, flags: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_fluxr"))
            .args(["bootstrap", "gitea"])
            .args(flags)
            .arg(format!("--hostname={}", self.gitea.host()))
            .arg(format!("--ssh-hostname={}", self.gitea.ssh_host()))
            .arg(format!("--ca-file={}", self.gitea.ca_file().display()))
            .args(["--repository=fleet", "--path=clusters/one", "--timeout=90s"])
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", "/usr/bin:/bin")
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .env("GITEA_TOKEN", token)
            .output()
            .unwrap();
        let text =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!text.contains(token), "the token was shown: {text}");
        Said { code: output.status.code(), text }
    }

    #[track_caller]
    fn bootstrap(&self, flags: &[&str]) -> String {
        let said = self.run_as(&self.token, flags);
        assert_eq!(said.code, Some(0), "{flags:?}\n{}", said.text);
        said.text
    }

    fn ask(&self, path: &str) -> Value {
        self.gitea.ask("GET", path, &Value::Null).unwrap()
    }
}

#[test]
#[ignore = "needs the testbed"]
fn a_cluster_follows_a_repository_of_gitea_over_ssh_and_over_https() {
    let stage = Stage::new();
    let personal = ["--owner=ada", "--personal"];
    let said = stage.bootstrap(&personal);
    assert!(said.ends_with("✔ all components are healthy\n"), "{said}");
    let title = "flux-system-main-flux-system-./clusters/one";
    // The repository that comes with a key changes by itself: Gitea counts its bytes after each push.
    let keys = || {
        let mut keys = stage.ask("repos/ada/fleet/keys");
        for key in keys.as_array_mut().unwrap() {
            key.as_object_mut().unwrap().remove("repository");
        }
        keys
    };
    let first = keys();
    assert_eq!(
        (&first[0]["title"], &first[0]["read_only"], &first[1]),
        (&json!(title), &json!(true), &Value::Null)
    );
    assert_eq!(stage.ask("repos/ada/fleet")["private"], true);
    let commits = || stage.gitea.git("ada/fleet", &["rev-list", "--count", "main"]).unwrap();
    assert_eq!(commits(), "2");

    let again = stage.bootstrap(&personal);
    for line in
        ["component manifests are up to date", "source secret up to date", "sync manifests are up to date"]
    {
        assert!(again.contains(&format!("✔ {line}\n")), "{again}");
    }
    assert_eq!((commits().as_str(), keys()), ("2", first.clone()));

    let id = first[0]["id"].to_string();
    stage.gitea.ask("DELETE", &format!("repos/ada/fleet/keys/{id}"), &Value::Null).unwrap();
    stage.bootstrap(&[&personal[..], &["--read-write-key"]].concat());
    let keys = keys();
    assert_eq!((&keys[0]["title"], &keys[0]["read_only"]), (&json!(title), &json!(false)));

    stage.bootstrap(&[&personal[..], &["--token-auth", "--private=false", "--reconcile"]].concat());
    assert_eq!(stage.ask("repos/ada/fleet")["private"], false);
    let plan = stage.bootstrap(
        &[&personal[..], &["--token-auth", "--private=false", "--reconcile", "--dry-run"]].concat(),
    );
    assert!(plan.starts_with("nothing to do"), "{plan}");
}

#[test]
#[ignore = "needs the testbed"]
fn an_organization_of_gitea_with_its_teams_its_protected_branches_and_its_refusals() {
    let stage = Stage::new();
    let acme = ["--owner=acme", "--token-auth", "--branch=trunk"];

    // Tokens that may only read, or nothing; an organization that is not there; a user who is another user.
    let reader = stage.gitea.token("ada", "read:repository,read:user,read:organization").unwrap();
    let refused = stage.run_as(&reader, &acme);
    assert_eq!(refused.code, Some(1), "{}", refused.text);
    for words in
        ["creating the repository \"acme/fleet\": not allowed", "write:", "\nhint: create a token with"]
    {
        assert!(refused.text.contains(words), "{}", refused.text);
    }
    let unknown = stage.run_as("0123456789012345678901234567890123456789", &acme);
    assert!(
        unknown.text.contains("the token was not accepted") && unknown.text.contains("GITEA_TOKEN"),
        "{}",
        unknown.text
    );
    let missing = stage.run_as(&stage.token, &["--owner=nobody", "--token-auth"]);
    assert!(missing.text.contains("the organization does not exist"), "{}", missing.text);
    let other = stage.run_as(&stage.token, &["--owner=root-of-gitea", "--personal"]);
    assert!(other.text.contains("the token belongs to \"ada\""), "{}", other.text);

    let said = stage.bootstrap(&[&acme[..], &["--team=dev,nobody"]].concat());
    assert!(said.contains("✔ granted \"maintain\" permissions to \"dev\"\n"), "{said}");
    assert!(said.contains("✗ failed to grant \"maintain\" permissions to \"nobody\": "), "{said}");
    assert_eq!(stage.ask("repos/acme/fleet/teams/dev")["name"], "dev");
    assert_eq!(stage.ask("repos/acme/fleet")["default_branch"], "trunk");
    let again = stage.bootstrap(&[&acme[..], &["--team=dev"]].concat());
    assert!(again.contains("✔ sync manifests are up to date\n"), "{again}");

    let protection = json!({"rule_name": "trunk", "branch_name": "trunk", "enable_push": false});
    stage.gitea.ask("POST", "repos/acme/fleet/branch_protections", &protection).unwrap();
    let before = stage.gitea.git("acme/fleet", &["rev-parse", "trunk"]).unwrap();
    let declined = stage.run_as(&stage.token, &[&acme[..], &["--interval=5m"]].concat());
    assert_eq!(declined.code, Some(1), "{}", declined.text);
    for words in ["declined", "protected branch", "--branch"] {
        assert!(declined.text.contains(words), "no \"{words}\" in:\n{}", declined.text);
    }
    assert_eq!(stage.gitea.git("acme/fleet", &["rev-parse", "trunk"]).unwrap(), before);
}

/// Creates a repository whose branch takes no pushes, with two labels, and a user without rights to it: the token of that one.
fn protect(stage: &Stage, repository: &str) -> String {
    stage
        .gitea
        .ask_as(&stage.token, "POST", "user/repos", &json!({"name": "fleet", "auto_init": true}))
        .unwrap();
    let grace = stage.gitea.add_user("grace", &[]).unwrap();
    let protection =
        json!({"rule_name": "main", "branch_name": "main", "enable_push": false, "required_approvals": 0});
    stage.gitea.ask("POST", &format!("{repository}/branch_protections"), &protection).unwrap();
    for label in ["flux", "gitops"] {
        let label = json!({"name": label, "color": "#00aabb"});
        stage.gitea.ask("POST", &format!("{repository}/labels"), &label).unwrap();
    }
    grace
}

#[test]
#[ignore = "needs the testbed"]
fn a_protected_branch_of_gitea_gets_a_request_and_the_run_after_its_merge_finishes() {
    let stage = Stage::new();
    let (repository, head) = ("repos/ada/fleet", "fluxr/bootstrap-clusters-one");
    let grace = protect(&stage, repository);
    let personal = ["--owner=ada", "--personal", "--token-auth"];
    let run = |flags: &[&str]| stage.run_as(&stage.token, &[&personal[..], flags].concat());
    let declined = run(&[]);
    assert_eq!(declined.code, Some(1), "{}", declined.text);
    assert!(
        declined.text.contains("declined") && declined.text.contains("--pull-request"),
        "{}",
        declined.text
    );

    // A draft with labels and a reviewer, who must have access.
    let flags = ["--pull-request", "--pr-draft", "--pr-label=flux,gitops", "--pr-reviewer=grace"];
    let missing = run(&["--pull-request", "--pr-draft", "--pr-label=flux,unknown"]);
    assert!(missing.text.contains("there is no label \"unknown\""), "{}", missing.text);
    let stranger = run(&["--pull-request", "--pr-reviewer=stranger"]);
    assert!(stranger.text.contains("\"stranger\" cannot review: there is no such user"), "{}", stranger.text);
    let none = stage.ask(&format!("{repository}/pulls?state=all"));
    assert_eq!(none.as_array().map(Vec::len), Some(0), "something was pushed for a name that is not known");
    stage
        .gitea
        .ask("PUT", &format!("{repository}/collaborators/grace"), &json!({"permission": "write"}))
        .unwrap();
    let first = stage.bootstrap(&[&personal[..], &flags[..]].concat());
    assert!(first.contains("✔ installed components\n"), "{first}");
    let all = || stage.ask(&format!("{repository}/pulls?state=all"));
    let request = all()[0].clone();
    assert_eq!(all().as_array().unwrap().len(), 1);
    assert_eq!(
        (&request["draft"], &request["state"], &request["head"]["ref"]),
        (&json!(true), &json!("open"), &json!(head))
    );
    let labels: Vec<_> = request["labels"].as_array().unwrap().iter().map(|label| &label["name"]).collect();
    assert_eq!(labels, ["flux", "gitops"]);
    assert_eq!(request["requested_reviewers"][0]["login"], "grace");
    let again = stage.bootstrap(&[&personal[..], &flags[..]].concat());
    assert!(again.contains("✔ pull request #1 is up to date: https://"), "{again}");
    // What Gitea refuses only when it is asked is refused before.
    let author = json!({"reviewers": ["ada"]});
    let asked = format!("{repository}/pulls/1/requested_reviewers");
    let refused = stage.gitea.ask_as(&stage.token, "POST", &asked, &author).unwrap_err();
    assert!(format!("{refused:#}").contains("poster of pr can't be reviewer"), "{refused:#}");
    let author = run(&["--pull-request", "--pr-reviewer=grace,ada"]);
    assert!(author.text.contains("✗ \"ada\" cannot review: this is the author"), "{}", author.text);

    // Closed by someone, and opened again by the next run; of the two the open one is found.
    stage
        .gitea
        .ask_as(&grace, "PATCH", &format!("{repository}/pulls/1"), &json!({"state": "closed"}))
        .unwrap();
    let other = stage.bootstrap(&[&personal[..], &["--pull-request"]].concat());
    assert!(
        other.contains("closed without being merged") && other.contains("✔ opened pull request #2: "),
        "{other}"
    );
    let other = stage.bootstrap(&[&personal[..], &["--pull-request", "--pr-title=Flux here"]].concat());
    assert!(other.contains("✔ updated pull request #2: "), "{other}");
    assert_eq!(all()[0]["title"], "Flux here");
    stage.gitea.merge(&stage.token, "ada/fleet", 2, "squash").unwrap();
    let last = stage.bootstrap(&[&personal[..], &["--pull-request", "--pr-title=Flux here"]].concat());
    assert!(last.ends_with("✔ all components are healthy\n"), "{last}");

    // The next change waits for a check, is merged by Gitea, and applied.
    let checks = json!({"enable_status_check": true, "status_check_contexts": ["ci"]});
    stage.gitea.ask("PATCH", &format!("{repository}/branch_protections/main"), &checks).unwrap();
    let change = ["--pull-request", "--network-policy=false", "--pr-auto-merge"];
    let third = stage.bootstrap(&[&personal[..], &change[..]].concat());
    assert!(third.contains("✔ opened pull request #3: "), "{third}");
    stage.bootstrap(&[&personal[..], &change[..]].concat());
    assert_eq!(all()[0]["merged"], false);
    let sha = stage.gitea.git("ada/fleet", &["rev-parse", head]).unwrap();
    let status = json!({"state": "success", "context": "ci"});
    stage.gitea.ask("POST", &format!("{repository}/statuses/{sha}"), &status).unwrap();
    let last = stage.bootstrap(&[&personal[..], &change[..], &["--pr-wait"]].concat());
    assert!(last.ends_with("✔ all components are healthy\n"), "{last}");
    assert_eq!(all()[0]["merged"], true);
    assert_eq!(all().as_array().unwrap().len(), 3);
    let plan = stage
        .bootstrap(&[&personal[..], &["--pull-request", "--network-policy=false", "--dry-run"]].concat());
    assert!(plan.starts_with("nothing to do"), "{plan}");
}
