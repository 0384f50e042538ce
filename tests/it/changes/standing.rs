//! The folder a command is run in: bare repositories, further worktrees, submodules, detached and dirty checkouts.

use super::world::REPOSITORY;
use super::world::SHOP;
use super::world::TOKEN;
use super::world::World;
use super::world::said;
use crate::bootstrap::world::git as git_in;
use crate::support::Cli;
use crate::support::Output;
use std::path::Path;
use std::path::PathBuf;

const SUSPEND: &str = "suspend ks shop --push";

/// A folder of a person who has no cluster, and Git.
struct Person {
    world: World,
    cli: Cli,
}

impl Person {
    fn new() -> Self {
        let world = World::new();
        let cli = Cli::new()
            .env("GIT_SSL_CAINFO", world.forge.ca_file().to_str().unwrap())
            .env("GITHUB_TOKEN", TOKEN)
            .env("GIT_PASSWORD", TOKEN)
            .env("USER", "ada");
        Self { world, cli }
    }

    fn folder(&self, name: &str) -> PathBuf {
        let folder = self.cli.home().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// A clone with the address of the forge as its remote.
    fn cloned(&self, name: &str, how: &[&str]) -> PathBuf {
        let folder = self.folder(name);
        let bare = self.world.forge.repository_path(REPOSITORY);
        let arguments =
            [&["clone", "--quiet"], how, &["--branch=main", bare.to_str().unwrap(), "."]].concat();
        git_in(&folder, &arguments).unwrap();
        git_in(&folder, &["remote", "set-url", "origin", &self.world.url()]).unwrap();
        folder
    }

    fn run(&self, at: &Path, line: &str) -> Output {
        let words: Vec<&str> = line.split_whitespace().collect();
        said(self.cli.command(&words).current_dir(at).output().unwrap())
    }

    #[track_caller]
    fn suspends_two(&self, at: &Path) {
        let said = self.run(at, SUSPEND);
        assert_eq!(said.succeeded(), "");
        assert_eq!(self.world.touched(), ["M clusters/two/shop.yaml"]);
    }
}

#[test]
fn a_bare_repository_names_the_address_and_the_branch_but_no_folder() {
    let person = Person::new();
    let bare = person.cloned("fleet.git", &["--bare"]);
    let said = person.run(&bare, &format!("{SUSPEND} --fleet-path=clusters/two"));
    assert_eq!(said.succeeded(), "");
    assert_eq!(person.world.touched(), ["M clusters/two/shop.yaml"]);
    let said = person.run(&bare, SUSPEND);
    assert!(said.failed().contains("the folder of the cluster is not known"), "{}", said.err);
    assert!(said.err.contains("hint: pass --fleet-path"), "{}", said.err);
    let said = person.run(&bare, "resume ks shop --pull-request --forge=github --fleet-path=./clusters/two");
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(person.world.request().title, "Resume Kustomization/flux-system/shop");
}

#[test]
fn the_clusters_of_a_bare_repository_are_listed() {
    let person = Person::new();
    let checkout = person.cloned("fleet", &[]);
    let bare = person.cloned("fleet.git", &["--bare"]);
    let lists = |clusters: &str| {
        let said = person.run(&bare, SUSPEND);
        let told =
            format!("the repository is bare, and has clusters in {clusters}\nhint: pass --fleet-path ");
        assert!(said.failed().contains(&told), "{}", said.err);
    };
    lists("./clusters/one");
    let folder = checkout.join("clusters/two/flux-system");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("gotk-sync.yaml"), "# of bootstrap\n").unwrap();
    git_in(&checkout, &["add", "."]).unwrap();
    git_in(&checkout, &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "x"])
        .unwrap();
    git_in(&checkout, &["push", "--quiet", bare.to_str().unwrap(), "main"]).unwrap();
    lists("./clusters/one, ./clusters/two");
}

#[test]
fn a_further_worktree_is_a_checkout_of_its_own() {
    let person = Person::new();
    let first = person.cloned("fleet", &[]);
    git_in(&first, &["branch", "--quiet", "staging"]).unwrap();
    let bare = person.world.forge.repository_path(REPOSITORY);
    git_in(&first, &["push", "--quiet", bare.to_str().unwrap(), "staging"]).unwrap();
    let second = first.parent().unwrap().join("second");
    git_in(&first, &["worktree", "add", "--quiet", second.to_str().unwrap(), "staging"]).unwrap();
    let said = person.run(&second.join("clusters/two"), SUSPEND);
    assert_eq!(said.succeeded(), "");
    assert_eq!(person.world.commits().len(), 1, "another branch was pushed to");
    assert!(person.world.git(&["show", "staging:clusters/two/shop.yaml"]).contains("suspend: true"));
    let request = person.run(&second.join("clusters/one"), "suspend ks shop --pull-request --forge=github");
    assert_eq!(request.code, 0, "{}", request.err);
    assert_eq!(person.world.request().base, "staging");
}

#[test]
fn a_submodule_is_the_repository_of_a_run_inside_it() {
    let person = Person::new();
    let outer = person.folder("outer");
    let bare = person.world.forge.repository_path(REPOSITORY);
    git_in(&outer, &["init", "--quiet", "--initial-branch=trunk", "."]).unwrap();
    let address = bare.to_str().unwrap();
    let allow = "protocol.file.allow=always";
    git_in(&outer, &["-c", allow, "submodule", "--quiet", "add", "-b", "main", address, "fleet"]).unwrap();
    git_in(&outer.join("fleet"), &["remote", "set-url", "origin", &person.world.url()]).unwrap();
    person.suspends_two(&outer.join("fleet/clusters/two"));
    // As `git submodule update` leaves it.
    git_in(&outer.join("fleet"), &["checkout", "--quiet", "--detach"]).unwrap();
    let said = person.run(&outer.join("fleet/clusters/one"), SUSPEND);
    assert!(said.failed().contains("the branch of the repository is not known"), "{}", said.err);
    let said = person.run(&outer.join("fleet/clusters/one"), &format!("{SUSPEND} --fleet-branch=main"));
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(person.world.touched(), ["M clusters/one/shop.yaml"]);
}

#[test]
fn a_dirty_or_detached_checkout_stays_as_it_is() {
    let person = Person::new();
    let folder = person.cloned("fleet", &[]);
    std::fs::write(folder.join("clusters/two/shop.yaml"), "dirty\n").unwrap();
    std::fs::write(folder.join("clusters/two/new.yaml"), "new\n").unwrap();
    git_in(&folder, &["add", "clusters/two/new.yaml"]).unwrap();
    let status = git_in(&folder, &["status", "--porcelain"]).unwrap();
    let head = git_in(&folder, &["rev-parse", "HEAD"]).unwrap();
    person.suspends_two(&folder.join("clusters/two"));
    git_in(&folder, &["checkout", "--quiet", "--detach"]).unwrap();
    let said = person.run(
        &folder.join("clusters/two"),
        "resume ks shop --pull-request --forge=github --fleet-branch=main",
    );
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(person.world.request().base, "main");
    assert_eq!(git_in(&folder, &["status", "--porcelain"]).unwrap(), status);
    assert_eq!(git_in(&folder, &["rev-parse", "HEAD"]).unwrap(), head);
    assert_eq!(std::fs::read_to_string(folder.join("clusters/two/shop.yaml")).unwrap(), "dirty\n");
}

#[test]
fn a_checkout_without_a_remote_names_the_flag() {
    let person = Person::new();
    let folder = person.cloned("fleet", &[]);
    git_in(&folder, &["remote", "remove", "origin"]).unwrap();
    let said = person.run(&folder.join("clusters/two"), SUSPEND);
    assert!(said.failed().contains("the address of the repository is not known"), "{}", said.err);
    assert!(said.err.contains("hint: pass --fleet-url"), "{}", said.err);
}

#[test]
fn the_root_of_a_repository_is_that_of_its_one_cluster() {
    let person = Person::new();
    let root = person.cloned("fleet", &[]);
    let chart = [
        ("charts/web/Chart.yaml", Some("apiVersion: v2\nname: web\nversion: 1.0.0\n")),
        ("charts/web/templates/web.yaml", Some("{{ if .Values.x }}\nkind: {{ .Values.kind }}\n{{ end }}\n")),
    ];
    person.world.forge.commit(REPOSITORY, "main", &chart, "a chart").unwrap();
    let said = person.run(&root, SUSPEND);
    assert_eq!(said.succeeded(), "");
    assert_eq!(person.world.touched(), ["M clusters/one/shop.yaml"]);
    let sync = person.world.file("clusters/one/flux-system/gotk-sync.yaml").unwrap().replace("/one", "/two");
    let second = [("clusters/two/flux-system/gotk-sync.yaml", Some(&*sync))];
    person.world.forge.commit(REPOSITORY, "main", &second, "another cluster").unwrap();
    let bare = person.world.forge.repository_path(REPOSITORY);
    git_in(&root, &["pull", "--quiet", bare.to_str().unwrap(), "main"]).unwrap();
    let said = person.run(&root, "resume ks shop --push");
    let words = "the repository has several clusters, in ./clusters/one, ./clusters/two\nhint: run the command in the folder of the cluster, or pass it with --fleet-path\n";
    assert!(said.failed().contains(words), "{}", said.err);
    let said = person.run(&root, "resume ks shop --push --fleet-path=clusters/one");
    assert_eq!(said.code, 0, "{}", said.err);
}

#[test]
fn charts_are_not_read_as_manifests_in_a_repository_without_clusters() {
    let person = Person::new();
    let files = [
        ("clusters/one/flux-system/gotk-sync.yaml", None),
        ("clusters/one/flux-system/kustomization.yaml", None),
        ("clusters/one/shop.yaml", None),
        ("charts/web/Chart.yaml", Some("apiVersion: v2\nname: web\nversion: 1.0.0\n")),
        ("charts/web/crds/shop.yaml", Some(SHOP)),
        ("charts/web/templates/web.yaml", Some("{{ if .Values.x }}\nkind: {{ .Values.kind }}\n{{ end }}\n")),
    ];
    person.world.forge.commit(REPOSITORY, "main", &files, "charts").unwrap();
    let root = person.cloned("fleet", &[]);
    for line in [
        "suspend ks shop --push",
        "create kustomization blog --source=GitRepository/flux-system --path=./apps/blog --push",
        "delete ks cache --silent --push",
        "promote --from=clusters/two --to=. --dry-run",
    ] {
        let said = person.run(&root, line);
        assert_eq!(said.code, 0, "{line}: {}", said.err);
        // The controller cannot build such a folder either.
        let of_charts = said.err.lines().filter(|line| line.contains("charts/"));
        assert!(of_charts.clone().all(|line| line.contains("not verified: ")), "{line}: {}", said.err);
    }
    assert!(person.world.file("clusters/two/blog.yaml").is_some());
    assert_eq!(person.world.file("charts/web/crds/shop.yaml").unwrap(), SHOP);
}
