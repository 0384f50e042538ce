//! `create` through Git.

use super::world::RELEASE;
use super::world::SHOP;
use super::world::World;
use crate::support::Cli;

const CREATE: &str =
    "create kustomization blog --source=GitRepository/flux-system --path=./apps/blog --prune";

#[test]
fn a_new_object_is_written_beside_its_relatives() {
    let world = World::new();
    let seen = world.run(&format!("{CREATE} --push"));
    assert_eq!(seen.succeeded(), "");
    let exported = Cli::new().run(&format!("{CREATE} --export").split(' ').collect::<Vec<_>>());
    assert_eq!(world.file("clusters/one/blog.yaml").unwrap(), exported.succeeded());
    assert_eq!(world.touched(), ["A clusters/one/blog.yaml"]);
    assert_eq!(world.commits()[0], "Add Kustomization/flux-system/blog");
    let again = world.run(&format!("{CREATE} --push"));
    assert!(again.err.ends_with("✔ nothing to do: the repository is up to date\n"), "{}", again.err);
    assert_eq!((again.succeeded(), world.commits().len()), ("", 2));
    world.left_the_cluster_alone();
}

#[test]
fn a_name_that_is_taken_gets_the_kind_behind_it() {
    let world = World::with(&[("clusters/one/blog.yaml", Some("# notes\n"))]);
    world.run(&format!("{CREATE} --push")).succeeded();
    assert_eq!(world.touched(), ["A clusters/one/blog-kustomization.yaml"]);
}

#[test]
fn an_object_that_is_declared_is_changed_in_its_place() {
    let world = World::new();
    let line = "create kustomization shop --source=GitRepository/flux-system --path=./apps/shop --prune --interval=5m --label=team=web";
    world.run(&format!("{line} --push --message=Faster")).succeeded();
    let wanted = SHOP.replacen("    interval: 10m\n", "    interval: 5m0s\n", 1).replacen(
        "    namespace: flux-system\n",
        "    namespace: flux-system\n    labels:\n        team: web\n",
        1,
    );
    assert_eq!(world.file("clusters/one/shop.yaml").unwrap(), wanted);
    assert_eq!(world.commits()[0], "Faster");
}

#[test]
fn the_kustomization_of_the_folder_lists_a_new_file() {
    let world = World::new();
    let line = "create helmrelease api -n web --chart-ref=OCIRepository/api --interval=1h";
    world.run(&format!("{line} --push")).succeeded();
    assert_eq!(world.touched(), ["A apps/shop/api.yaml", "M apps/shop/kustomization.yaml"]);
    assert_eq!(
        world.file("apps/shop/kustomization.yaml").unwrap(),
        "namespace: web\nresources:\n  - release.yaml # the shop itself\n  - api.yaml\n"
    );
}

#[test]
fn of_folders_with_equally_many_relatives_the_own_one_is_taken() {
    const LINE: &str = "create helmrelease api -n web --chart-ref=OCIRepository/api --interval=1h --push";
    let other = RELEASE.replacen("name: web\n", "name: other\n  namespace: web\n", 1);
    let own = [("clusters/one/web/other.yaml", Some(&*other))];
    // "apps/shop" is applied by "clusters/two" as well.
    let world = World::with(&own);
    world.run(LINE).succeeded();
    assert_eq!(world.touched(), ["A clusters/one/web/api.yaml"]);

    let solo = SHOP.split_once("---").unwrap().0.replace("shop", "solo");
    let alone = [("clusters/one/solo.yaml", Some(&*solo)), ("apps/solo/other.yaml", Some(&*other))];
    let world = World::with(&alone);
    world.run(LINE).succeeded();
    assert_eq!(world.touched(), ["A apps/solo/api.yaml"]);

    let third = other.replace("name: other", "name: third");
    for further in ["clusters/one/data/third.yaml", "clusters/one/third.yaml"] {
        let world = World::with(&[own[0], (further, Some(&third))]);
        world.run(LINE).succeeded();
        assert_eq!(world.touched(), ["A clusters/one/api.yaml"], "{further}");
    }
    let both = SHOP.replace("shop", "solo").replace("cache", "more");
    let files = [
        ("clusters/one/solo.yaml", Some(&*both)),
        ("clusters/two/solo.yaml", Some(&*both)),
        ("apps/solo/other.yaml", Some(&*other)),
    ];
    let world = World::with(&files);
    world.run(LINE).succeeded();
    assert_eq!(world.touched(), ["A clusters/one/api.yaml"]);
}

#[test]
fn a_file_can_be_named_and_one_that_is_there_gets_a_further_document() {
    let world = World::new();
    world.run(&format!("{CREATE} --push --manifest-file=clusters/one/apps/blog.yaml")).succeeded();
    assert_eq!(world.touched(), ["A clusters/one/apps/blog.yaml"]);
    let line = CREATE.replace(" blog ", " news ");
    world.run(&format!("{line} --push --manifest-file=./clusters/one/shop.yaml")).succeeded();
    let text = world.file("clusters/one/shop.yaml").unwrap();
    assert!(text.starts_with(&format!("{SHOP}---\napiVersion:")) && text.contains("name: news"), "{text}");
    let seen = world.run(&format!("{line} --push --manifest-file=clusters/one/other.yaml"));
    assert!(seen.failed().contains("is declared in clusters/one/shop.yaml, not in"), "{}", seen.err);
}

#[test]
fn a_file_that_the_cluster_does_not_apply_is_refused() {
    let world = World::new();
    for (file, words) in [
        ("clusters/two/blog.yaml", "would not be applied from \"./clusters/one\""),
        ("apps/shop/blog.yaml", "would be applied as Kustomization/web/blog"),
        ("clusters/one/blog.txt", "does not end with .yaml"),
        (".git/config.yaml", "it leads into .git"),
    ] {
        let seen = world.run(&format!("{CREATE} --push --manifest-file={file}"));
        assert!(seen.failed().contains(words), "{file}: {}", seen.err);
    }
    assert_eq!(world.commits(), ["the fleet"]);
}

#[test]
fn a_tenant_is_one_file() {
    let world = World::new();
    world.run("create tenant team --with-namespace=team-apps --push").succeeded();
    assert_eq!(world.touched(), ["A clusters/one/team.yaml"]);
    assert_eq!(world.commits()[0], "Add tenant team");
    assert_eq!(world.file("clusters/one/team.yaml").unwrap().matches("---\n").count(), 3);
    world.run("create tenant team --with-namespace=team-apps --push").succeeded();
    assert_eq!(world.commits().len(), 2);
}

#[test]
fn sources_are_written_and_credentials_are_not() {
    let world = World::new();
    let line = "create source git app --url=https://git.example.com/app --branch=main --push";
    world.run(line).succeeded();
    assert_eq!(world.commits()[0], "Add GitRepository/flux-system/app");
    for line in [
        "create source git bb --url=https://git.example.com/app --branch=main --username=u --password=s3cret --push",
        "create source helm bb --url=https://charts.example.com --username=u --password=s3cret --push",
        "create source bucket bb --bucket-name=b --endpoint=s3.example.com --access-key=a --secret-key=s3cret --push",
        "create secret git bb --url=https://git.example.com/app --username=u --password=s3cret --push",
    ] {
        let seen = world.run(line);
        assert!(seen.failed().contains("not committed in plain text"), "{line}: {}", seen.err);
        assert!(!seen.err.contains("s3cret"), "{}", seen.err);
    }
    assert_eq!(world.commits().len(), 2);
    world.left_the_cluster_alone();
}

#[test]
fn a_dry_run_shows_new_files_and_entries() {
    let world = World::new();
    let seen = world.run("create helmrelease api -n web --chart-ref=OCIRepository/api --dry-run");
    let shown = seen.succeeded();
    assert!(shown.contains("--- /dev/null\n+++ b/apps/shop/api.yaml\n"), "{shown}");
    assert!(shown.contains("\n+  - api.yaml\n"), "{shown}");
    assert_eq!(world.commits(), ["the fleet"]);
}

#[test]
fn flags_about_a_commit_need_one() {
    let cli = Cli::new();
    for (line, words) in [
        (format!("{CREATE} --manifest-file=x.yaml"), "--manifest-file is about a commit"),
        (format!("{CREATE} --fleet-path=x"), "--fleet-path is about a commit"),
        (format!("{CREATE} --export --push"), "pick one"),
        ("suspend ks a --message=x".to_owned(), "--message is about a commit"),
        ("resume ks a --fleet-url=x".to_owned(), "--fleet-url is about a commit"),
        ("delete ks a --fleet-branch=x".to_owned(), "--fleet-branch is about a commit"),
    ] {
        let seen = cli.run(&line.split(' ').collect::<Vec<_>>());
        assert!(seen.failed().contains(words), "{line}: {}", seen.err);
    }
}
