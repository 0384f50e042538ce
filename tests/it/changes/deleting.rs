//! `delete` through Git: what is asked, what was removed before, and names that are declared nowhere.

use super::world::FORGES;
use super::world::REPOSITORY;
use super::world::SHOP;
use super::world::World;
use crate::support::Output;
use testbed::forge::Merge;

const NOTHING: &str = "nothing to do: the repository is up to date\n";
const WAYS: [&str; 3] = ["--push", "--pull-request", "--dry-run"];

/// The last error, with its hint.
fn told(said: &Output) -> String {
    let begin = said.failed().find('✗').unwrap();
    said.err[begin..].to_owned()
}

#[test]
fn a_name_that_is_declared_nowhere_is_refused_in_the_words_of_all_changes() {
    let world = World::new();
    let wanted = format!(
        "✗ Kustomization/flux-system/none is not declared in what the cluster applies from \"./clusters/one\" of \"{}\"\n\
         hint: check name and namespace (-n), or pass the folder of the cluster with --fleet-path\n",
        world.url()
    );
    for way in WAYS {
        for line in ["delete ks none --silent", "suspend ks none", "set version ks/none 1"] {
            let said = world.ask(&format!("{line} {way}"));
            assert_eq!((said.code, told(&said)), (1, wanted.clone()), "{line} {way}");
        }
    }
    assert_eq!((world.commits(), world.requests().len()), (vec!["the fleet".to_owned()], 0));
    let said = world.run("suspend ks -n empty --all --push");
    let url = world.url();
    let words = ["no Kustomization of the namespace empty is declared", &url, "--fleet-path"];
    assert!(words.iter().all(|word| said.failed().contains(word)), "{}", said.err);
}

#[test]
fn what_an_earlier_run_has_pushed_is_done() {
    for message in ["", " --message=INC-7"] {
        let world = World::new();
        let line = format!("delete ks cache --silent{message}");
        assert_eq!(world.run(&format!("{line} --push")).succeeded(), "");
        world.forge.commit(REPOSITORY, "main", &[("NOTES.md", Some("theirs\n"))], "theirs").unwrap();
        for way in WAYS {
            let again = world.ask(&format!("{line} {way}"));
            assert_eq!(again.code, 0, "{line} {way}: {}", again.err);
            assert!(format!("{}{}", again.err, again.out).ends_with(NOTHING), "{line} {way}: {}", again.err);
        }
        let other = world.ask(&format!("{} --push", line.replace("cache", "chace")));
        assert!(other.failed().contains("Kustomization/flux-system/chace is not declared"), "{}", other.err);
        assert_eq!(world.commits().len(), 3);
    }
}

#[test]
fn a_deletion_that_was_proposed_is_done_when_it_is_merged() {
    for at in FORGES {
        for how in [Merge::Commit, Merge::Squash, Merge::Rebase] {
            let world = World::at(at, &[]);
            let line = "delete ks cache --silent --pull-request --message=INC-7";
            world.ask(line).succeeded();
            let open = world.ask(line);
            assert!(open.code == 0 && open.err.contains("is up to date"), "{at}: {}", open.err);
            let head = world.request().head;
            world.forge.merge_request(world.repository, 1, how).unwrap();
            world.forge.delete_branch(world.repository, &head).unwrap();
            let merged = world.ask(line);
            assert!(merged.code == 0 && merged.err.ends_with(NOTHING), "{at} {how:?}: {}", merged.err);
            assert!(merged.err.contains("was merged into \"main\""), "{at} {how:?}: {}", merged.err);
            let pushed = world.ask("delete ks cache --silent --push --message=INC-7");
            assert!(pushed.code == 0 && pushed.err.ends_with(NOTHING), "{at} {how:?}: {}", pushed.err);
        }
    }
}

#[test]
fn a_deletion_that_is_still_proposed_succeeds_when_others_have_removed_the_object() {
    let world = World::new();
    let line = "delete ks cache --silent --pull-request";
    world.ask(line).succeeded();
    let (shop, _) = SHOP.split_once("---\n").unwrap();
    world.forge.commit(REPOSITORY, "main", &[("clusters/one/shop.yaml", Some(shop))], "by hand").unwrap();
    let again = world.ask(line);
    assert!(again.code == 0 && again.err.ends_with(NOTHING), "{}", again.err);
    world.forge.close_request(REPOSITORY, 1).unwrap();
    assert!(world.ask(line).failed().contains("Kustomization/flux-system/cache is not declared"));
}

#[test]
fn a_deletion_from_another_cluster_says_nothing_of_this_one() {
    let extra = SHOP.replace("name: shop ", "name: extra ").replace("name: cache", "name: more");
    let world = World::with(&[("clusters/two/extra.yaml", Some(&extra))]);
    let line = "delete ks extra --silent --push";
    world.run(&format!("{line} --fleet-path=clusters/two")).succeeded();
    assert_eq!(world.commits()[0], "Delete Kustomization/flux-system/extra");
    world.run(&format!("{line} --fleet-path=clusters/two")).succeeded();
    let said = world.run(line);
    assert!(said.failed().contains("is not declared in what the cluster applies from \"./clusters/one\""));
}

#[test]
fn a_deletion_is_done_where_kustomizations_generate_other_objects() {
    let generated = "configMapGenerator: [{name: shop, literals: [a=b]}]\nresources: [release.yaml]\n";
    let world = World::with(&[("apps/shop/kustomization.yaml", Some(generated))]);
    for _ in 0..2 {
        world.run("delete ks cache --silent --push").succeeded();
    }
    assert_eq!(world.commits().len(), 2);
}

#[test]
fn the_question_names_the_object_and_where_its_manifest_is_removed() {
    let world = World::new();
    let of = "the manifest of Kustomization/flux-system/cache, which \"./clusters/one\" applies,";
    for (way, verb, branch) in [
        ("--push", "remove", "main"),
        ("--pull-request", "propose to remove", "main"),
        ("--pull-request --pr-base=next", "propose to remove", "next"),
    ] {
        let line = format!("delete ks cache {way}");
        let said = world.cli.answer(&line.split(' ').collect::<Vec<_>>(), "n\n");
        let wanted = format!(
            "Are you sure you want to {verb} {of} from branch \"{branch}\" of \"{}\"? [y/N]\n✗ aborting\n",
            world.url()
        );
        assert_eq!((said.code, said.err.as_str()), (1, wanted.as_str()), "{way}");
    }
    let shown = world.run("delete ks cache --dry-run");
    assert!(shown.succeeded().contains("--- a/clusters/one/shop.yaml"), "{}", shown.out);
    assert!(!shown.err.contains("sure"), "{}", shown.err);
    assert_eq!(world.commits().len(), 1);
}
