//! `suspend`, `resume` and `delete` through Git.

use super::world::RELEASE;
use super::world::REPOSITORY;
use super::world::SHOP;
use super::world::World;
use std::time::Duration;
use std::time::Instant;

const NOTHING: &str = "✔ nothing to do: the repository is up to date\n";

#[test]
fn an_object_is_suspended_and_resumed_where_it_is_declared() {
    let world = World::new();
    let seen = world.run("suspend ks shop --push");
    assert_eq!(seen.succeeded(), "");
    let line = "sourceRef: {kind: GitRepository, name: flux-system}\n";
    let suspended = SHOP.replacen(line, &format!("{line}    suspend: true\n"), 1);
    assert_eq!(world.file("clusters/one/shop.yaml").unwrap(), suspended);
    assert_eq!(world.file("clusters/two/shop.yaml").unwrap(), SHOP, "another cluster's is left alone");
    assert_eq!(world.touched(), ["M clusters/one/shop.yaml"]);
    let author = world.git(&["log", "-1", "--format=%an <%ae> %s", "main"]);
    assert_eq!(author, "Ada <ada@example.com> Suspend Kustomization/flux-system/shop");
    let again = world.run("suspend ks shop --push");
    assert_eq!((again.succeeded(), again.err.ends_with(NOTHING)), ("", true), "{}", again.err);
    assert_eq!(world.commits().len(), 2);
    world.run("resume ks shop --push").succeeded();
    assert_eq!(world.file("clusters/one/shop.yaml").unwrap(), SHOP);
    let again = world.run("resume ks shop --push");
    assert_eq!((again.succeeded(), again.err.ends_with(NOTHING)), ("", true), "{}", again.err);
    assert_eq!(world.commits().len(), 3);
    world.left_the_cluster_alone();
}

#[test]
fn objects_of_kustomizations_below_are_found_with_their_namespace() {
    let world = World::new();
    world.run("suspend hr web -n web --push").succeeded();
    assert_eq!(world.file("apps/shop/release.yaml").unwrap(), format!("{RELEASE}  suspend: true\n"));
    let error = world.run("suspend hr web --push");
    assert!(error.failed().contains("HelmRelease/flux-system/web is not declared"), "{}", error.err);
}

#[test]
fn a_reason_is_committed_and_goes_again() {
    let world = World::new();
    world.run_words(&["suspend", "ks", "shop", "--push", "--reason", "moving the database"]).succeeded();
    let text = world.file("clusters/one/shop.yaml").unwrap();
    assert!(text.contains("        fluxr.dev/suspended-reason: moving the database\n"), "{text}");
    assert!(text.contains("        fluxr.dev/suspended-by: Ada\n"), "{text}");
    assert_eq!(
        world.git(&["log", "-1", "--format=%B", "main"]),
        "Suspend Kustomization/flux-system/shop\n\nmoving the database"
    );
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let again = world.run_words(&["suspend", "ks", "shop", "--push", "--reason", "moving the database"]);
    assert!(again.err.ends_with(NOTHING), "only the moment would be another one: {}", again.err);
    world.run("resume ks shop --push").succeeded();
    assert_eq!(world.file("clusters/one/shop.yaml").unwrap().replace("    annotations: {}\n", ""), SHOP);
}

#[test]
fn all_objects_of_a_namespace_are_one_commit() {
    let world = World::new();
    let seen = world.run("suspend ks --all --push");
    seen.succeeded();
    assert_eq!(world.commits()[0], "Suspend Kustomization in flux-system: shop, cache");
    assert_eq!(world.file("clusters/one/shop.yaml").unwrap().matches("suspend: true").count(), 2);
    let left_out =
        "Kustomization/flux-system/flux-system is left out: the cluster follows the repository with it";
    assert!(seen.err.contains(left_out), "{}", seen.err);
    assert!(!world.file("clusters/one/flux-system/gotk-sync.yaml").unwrap().contains("suspend: true"));
}

#[test]
fn credentials_in_an_address_are_not_committed() {
    let world = World::new();
    for line in [
        "create source helm charts --url=https://ada:hunter22@charts.test --push",
        "create source git app --url=https://ghp_hunter22@git.test/app --branch=main --dry-run",
        "create alert-provider desk --type=generic --address=https://ada:hunter22@chat.test/hook --push",
    ] {
        let seen = world.run(line);
        assert!(
            seen.failed().contains("has credentials in it, which are not committed"),
            "{line}: {}",
            seen.err
        );
        assert!(!seen.err.contains("hunter22") && !seen.out.contains("hunter22"), "{line}: {seen:?}");
    }
    assert_eq!(world.commits(), ["the fleet"]);
}

#[test]
fn what_the_cluster_follows_the_repository_with_is_neither_deleted_nor_suspended() {
    let world = World::new();
    let follows = "is what the cluster follows the repository with";
    for line in [
        "delete ks flux-system --silent --push",
        "delete source git flux-system --silent --pull-request",
        "suspend ks flux-system --push",
        "suspend source git flux-system --push",
    ] {
        world.refuses(line, &[follows, "hint: "]);
    }
}

#[test]
fn a_dry_run_shows_the_diff_and_pushes_nothing() {
    let world = World::new();
    let seen = world.run("suspend ks cache --dry-run");
    let shown = seen.succeeded();
    assert!(
        shown.starts_with("commit \"Suspend Kustomization/flux-system/cache\" to branch \"main\" of "),
        "{shown}"
    );
    assert!(shown.contains("\n--- a/clusters/one/shop.yaml\n+++ b/clusters/one/shop.yaml\n@@ "), "{shown}");
    assert!(shown.ends_with("+    suspend: true\n"), "{shown}");
    assert_eq!(world.commits(), ["the fleet"]);
    assert_eq!(
        world.run("resume ks cache --dry-run").succeeded(),
        "nothing to do: the repository is up to date\n"
    );
    world.left_the_cluster_alone();
}

#[test]
fn a_deleted_object_takes_its_document_or_its_file_with_it() {
    let world = World::new();
    world.run("delete ks cache --silent --push").succeeded();
    let (first, _) = SHOP.split_once("---\n").unwrap();
    assert_eq!(world.file("clusters/one/shop.yaml").unwrap(), first);
    world.run("delete ks shop --silent --push").succeeded();
    assert_eq!(world.touched(), ["D clusters/one/shop.yaml"]);
    let again = world.run("delete ks shop --silent --push");
    assert!(again.err.ends_with(NOTHING) && !again.err.contains("⚠️"), "{}", again.err);
    assert_eq!((again.succeeded(), world.commits().len()), ("", 3));
    let asked = World::new().run("delete ks shop --push");
    assert!(asked.failed().contains("--silent"), "{}", asked.err);
    world.left_the_cluster_alone();
}

#[test]
fn entries_that_led_to_a_deleted_file_go_with_it() {
    let files = [
        (
            "apps/shop/kustomization.yaml",
            Some("namespace: web\nresources:\n- base # all of it\n- more.yaml\n"),
        ),
        ("apps/shop/base/kustomization.yaml", Some("resources: [release.yaml]\n")),
        ("apps/shop/base/release.yaml", Some(RELEASE)),
        ("apps/shop/more.yaml", Some("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n")),
    ];
    let world = World::with(&files);
    world.run("delete hr web -n web --silent --push").succeeded();
    assert_eq!(
        world.touched(),
        [
            "D apps/shop/base/kustomization.yaml",
            "D apps/shop/base/release.yaml",
            "M apps/shop/kustomization.yaml"
        ]
    );
    assert_eq!(
        world.file("apps/shop/kustomization.yaml").unwrap(),
        "namespace: web\nresources:\n- more.yaml\n"
    );
    let first = World::new();
    first.run("delete hr web -n web --silent --push").succeeded();
    assert_eq!(first.file("apps/shop/kustomization.yaml").unwrap(), "namespace: web\nresources: []\n");
}

#[test]
fn the_last_file_of_a_folder_that_is_applied_stays() {
    let release = RELEASE.replace("  name: web\nspec", "  name: web\n  namespace: web\nspec");
    let world = World::with(&[("apps/cache/cache.yaml", Some(&release))]);
    let seen = world.run("delete hr web -n web --silent --push");
    assert!(seen.failed().contains("declared more than once"), "{}", seen.err);
    world.forge.commit(REPOSITORY, "main", &[("apps/shop/release.yaml", Some("# none\n"))], "one").unwrap();
    let seen = world.run("delete hr web -n web --silent --push");
    let words = "apps/cache/cache.yaml is the last file of the folder \"./apps/cache\"";
    assert!(seen.failed().contains(words), "{}", seen.err);
}

/// How long it takes to suspend and resume so many objects of one file.
fn time_of(objects: usize) -> Duration {
    let named = |at| RELEASE.replace("name: web\n", &format!("name: web-{at}\n  namespace: many\n"));
    let text: String = (0..objects).map(|at| format!("---\n{}", named(at))).collect();
    let world = World::with(&[("clusters/one/many.yaml", Some(&text))]);
    let begun = Instant::now();
    for (line, suspended) in
        [("suspend hr --all -n many --push", objects), ("resume hr --all -n many --push", 0)]
    {
        world.run(line).succeeded();
        let text = world.file("clusters/one/many.yaml").unwrap();
        assert_eq!(text.matches("suspend: true").count(), suspended);
    }
    begun.elapsed()
}

#[test]
fn eight_times_as_many_objects_of_one_file_do_not_take_twenty_times_as_long() {
    let (few, many) = (time_of(50), time_of(400));
    assert!(many < few * 20, "{few:?} for 50 objects, {many:?} for 400");
}
