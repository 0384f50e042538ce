//! `rollback --pull-request`, with and without `--hold`: what people do with the request meanwhile.

use super::proposing::run_and_merge;
use super::rolling_back::Broken;
use super::rolling_back::record;
use super::world::RELEASE;
use super::world::REPOSITORY;
use super::world::World;
use crate::support::Fault;
use serde_json::Value;
use serde_json::json;
use testbed::forge::Merge;

const LINE: &str = "rollback ks/shop --hold --pull-request";

fn shop(world: &World) -> Value {
    world.api.get("Kustomization", "flux-system", "shop").unwrap()
}

/// Whether the shop is suspended, and the reason.
fn held(world: &World) -> (bool, String) {
    let shop = shop(world);
    let reason = shop.pointer("/metadata/annotations/fluxr.dev~1suspended-reason").and_then(Value::as_str);
    (shop["spec"]["suspend"] == json!(true), reason.unwrap_or_default().to_owned())
}

#[test]
fn a_kustomization_is_held_until_its_rollback_is_merged() {
    let Broken { world, first, .. } = &Broken::new();
    world.with_controllers(None);
    let title = format!("Roll back Kustomization/flux-system/shop to main@sha1:{}", &first[..8]);
    for _ in 0..2 {
        let seen = world.ask(LINE);
        assert_eq!(seen.succeeded(), "");
        assert!(
            seen.err.ends_with("run the same command again to resume what is suspended\n"),
            "{}",
            seen.err
        );
        assert_eq!(world.request().title, title);
        assert_eq!(held(world), (true, format!("until pull request #1 is merged: {title}")));
    }
    world.forge.merge_request(REPOSITORY, 1, Merge::Squash).unwrap();
    // A later commit changes the folder again: the rollback is not proposed a second time.
    world.forge.commit(REPOSITORY, "main", &[("apps/shop/more.txt", Some("more"))], "Go on").unwrap();
    let last = world.ask(LINE);
    assert_eq!(last.succeeded(), "");
    assert!(last.err.contains("✔ pull request #1 was merged into \"main\": https://"), "{}", last.err);
    assert!(last.err.ends_with("✔ kustomization resumed\n"), "{}", last.err);
    assert_eq!(held(world), (false, String::new()));
    assert_eq!(world.file("apps/shop/release.yaml").unwrap(), RELEASE);
    world.request();
}

#[test]
fn one_run_holds_waits_resumes_and_sees_it_applied() {
    let Broken { world, .. } = &Broken::new();
    world.with_controllers(None);
    let said = run_and_merge(world, &format!("{LINE} --pr-wait --timeout=1m"), Merge::Rebase);
    assert_eq!(said.succeeded(), "");
    let at = |words: &str| said.err.find(words).unwrap_or_else(|| panic!("no \"{words}\":\n{}", said.err));
    let order = [
        at("✔ kustomization suspended"),
        at("✔ opened pull request #1"),
        at("✔ pull request #1 was merged"),
        at("✔ kustomization resumed"),
        at("✔ Kustomization/flux-system/shop applied revision main@sha1:"),
    ];
    assert!(order.is_sorted(), "{}", said.err);
    assert_eq!(held(world), (false, String::new()));
}

#[test]
fn a_run_that_was_killed_is_continued_by_the_next() {
    let Broken { world, first, .. } = &Broken::new();
    let title = format!("Roll back Kustomization/flux-system/shop to main@sha1:{}", &first[..8]);
    // Killed between the suspension and the request, and between the request and its name in the reason.
    for open in [0, 1] {
        assert_eq!(world.requests().len(), open);
        let reason = format!("until a request is merged: {title}");
        let patch = json!({"metadata": {"annotations": {"fluxr.dev/suspended-reason": reason}},
            "spec": {"suspend": true}});
        let mut held_shop = shop(world);
        json_patch::merge(&mut held_shop, &patch);
        world.api.put(held_shop);
        world.ask(LINE).succeeded();
        assert_eq!(held(world), (true, format!("until pull request #1 is merged: {title}")));
        world.request();
    }
    world.forge.merge_request(REPOSITORY, 1, Merge::Commit).unwrap();
    // Refused at the last step, and run again.
    world.api.fail("PATCH", "kustomizations/shop", 1, Fault::Status(403));
    let refused = world.ask(LINE);
    assert!(refused.failed().contains("hint: "), "{}", refused.err);
    assert!(held(world).0);
    assert!(world.ask(LINE).err.ends_with("✔ kustomization resumed\n"));
    assert!(!held(world).0);
}

#[test]
fn what_others_have_suspended_stays_so() {
    let Broken { world, .. } = &Broken::new();
    let mut theirs = shop(world);
    let note = json!({"metadata": {"annotations": {"fluxr.dev/suspended-reason": "a freeze"}}, "spec": {"suspend": true}});
    json_patch::merge(&mut theirs, &note);
    world.api.put(theirs);
    let seen = world.ask(LINE);
    let line = "⚠️ Kustomization/flux-system/shop is already suspended (a freeze); leaving it suspended\n";
    assert!(seen.err.contains(line), "{}", seen.err);
    world.forge.merge_request(REPOSITORY, 1, Merge::Commit).unwrap();
    world.ask(LINE).succeeded();
    assert_eq!(held(world), (true, "a freeze".to_owned()));
}

#[test]
fn nothing_is_held_where_no_request_can_end_it() {
    let Broken { world, .. } = &Broken::new();
    let seen = world.run(LINE);
    assert!(seen.failed().contains("--hold needs a forge with requests"), "{}", seen.err);
    let shown = world.ask(&format!("{LINE} --dry-run"));
    assert!(shown.succeeded().contains("+  interval: 1h"), "{}", shown.out);
    assert_eq!(held(world), (false, String::new()));
    world.left_the_cluster_alone();
}

#[test]
fn the_request_of_a_rollback_is_closed_merged_in_any_way_or_loses_its_branch() {
    let line = "rollback ks/shop --pull-request";
    for how in [Merge::Commit, Merge::Squash, Merge::Rebase] {
        let Broken { world, .. } = &Broken::new();
        world.ask(line).succeeded();
        world.forge.close_request(REPOSITORY, 1).unwrap();
        let other = world.ask(line);
        assert!(
            other.err.contains("pull request #1 was closed without being merged, opening another one"),
            "{}",
            other.err
        );
        let newest = || world.forge.pull_requests(REPOSITORY)[0].clone();
        let head = newest().head;
        // The forge closes a request whose branch is gone.
        world.forge.delete_branch(REPOSITORY, &head).unwrap();
        world.ask(line).succeeded();
        assert_eq!((newest().number, newest().head.as_str()), (3, head.as_str()), "{how:?}");
        world.forge.merge_request(REPOSITORY, 3, how).unwrap();
        world.forge.delete_branch(REPOSITORY, &head).unwrap();
        let last = world.ask(line);
        assert_eq!(last.succeeded(), "");
        assert!(last.err.contains("✔ pull request #3 was merged into \"main\": https://"), "{}", last.err);
        assert_eq!(world.file("apps/shop/release.yaml").unwrap(), RELEASE, "{how:?}");
        assert_eq!(newest().number, 3, "{how:?}");
        world.left_the_cluster_alone();
    }
}

#[test]
fn a_request_that_is_closed_while_it_is_waited_for_leaves_the_object_held() {
    let Broken { world, .. } = &Broken::new();
    let said = std::thread::scope(|scope| {
        let run = scope.spawn(|| world.ask(&format!("{LINE} --pr-wait --timeout=1m")));
        while !held(world).1.contains("pull request #1") && !run.is_finished() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        world.forge.close_request(REPOSITORY, 1).unwrap();
        run.join().unwrap()
    });
    assert!(said.failed().contains("pull request #1 was closed without being merged"), "{}", said.err);
    assert!(held(world).0);
    world.ask(LINE).succeeded();
    assert!(held(world).1.starts_with("until pull request #2 is merged: "), "{:?}", held(world));
}

#[test]
fn a_base_that_was_renamed_is_named_with_those_that_are_there() {
    let Broken { world, .. } = &Broken::new();
    world.ask("rollback ks/shop --pull-request").succeeded();
    world.forge.rename_branch(REPOSITORY, "main", "trunk").unwrap();
    let seen = world.ask("rollback ks/shop --pull-request");
    assert!(seen.failed().contains("trunk"), "{}", seen.err);
    world.left_the_cluster_alone();
}

#[test]
fn what_is_rolled_back_is_not_rolled_forward_again() {
    let broken = Broken::new();
    let world = &broken.world;
    let works = |commit: &str, at: &str| record(commit, "ReconciliationSucceeded", at);
    // The second one worked, too; the present one has the content of the first.
    let files = [
        ("apps/shop/release.yaml", Some(RELEASE)),
        ("apps/shop/more.yaml", None),
        ("apps/shop/notes.txt", Some("one\n")),
    ];
    world.forge.commit(REPOSITORY, "main", &files, "Slow down").unwrap();
    let head = world.git(&["rev-parse", "main"]);
    let mut back = works(&broken.first, "2026-01-01T00:00:00Z");
    back["metadata"]["revision"] = json!(format!("main@sha1:{head}"));
    back["lastReconciled"] = json!("2026-01-03T00:00:00Z");
    broken.tell(&[back, works(&broken.second, "2026-01-02T00:00:00Z")]);
    let seen = world.run("rollback ks/shop --push");
    assert_eq!(seen.succeeded(), "");
    let words = format!(
        "nothing to do: Kustomization/flux-system/shop is already rolled back to main@sha1:{}",
        &head[..8]
    );
    assert!(seen.err.contains(&words), "{}", seen.err);
    assert_eq!(world.commits().len(), 4);
}
