//! The verbs that every kind shares.

use super::Place;
use super::SHA;
use super::scenarios;
use crate::support::flux_object;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

/// The moment that was asked for.
fn requested_at(object: &Value) -> jiff::Timestamp {
    object["metadata"]["annotations"]["reconcile.fluxcd.io/requestedAt"].as_str().unwrap().parse().unwrap()
}

scenarios! {
    fn a_table_pads_its_cells_ends_rows_in_a_tab_and_shortens_digests(place: &dyn Place) {
        let seen = place.cli().run(&["get", "sources", "git"]);
        let header = format!("NAME\t{:<18}\tSUSPENDED\tREADY\t{:<25} \n", "REVISION", "MESSAGE");
        let row = "app \tmain@sha1:01234567\tFalse    \tTrue \tstored main@sha1:01234567\t\n";
        assert_eq!(seen.succeeded(), header + row);
        assert_eq!(seen.err, "");
    }

    fn the_header_can_be_left_out_and_the_source_shown(place: &dyn Place) {
        let seen = place.cli().run(&["get", "ks", "--no-header", "--show-source"]);
        assert_eq!(seen.succeeded(), "app\tGitRepository/flux-system/app\t\tFalse\tFalse\tnot yet\t\n");
    }

    fn a_status_selector_takes_both_forms_and_any_case(place: &dyn Place) {
        let cli = place.cli();
        let rows = |selector: &str| {
            cli.run(&["get", "ks", "--no-header", "--status-selector", selector]).succeeded().lines().count()
        };
        assert_eq!(rows("ready=false"), 1);
        assert_eq!(rows("READY=True"), 0);
        assert_eq!(rows("ready!=true"), 1);
        assert_eq!(rows("stalled!=true"), 1);
        assert!(cli.run(&["get", "ks", "--status-selector", "ready"]).failed().contains("ready"));
    }

    fn labels_are_selected_as_the_api_server_does_it(place: &dyn Place) {
        for (name, rank) in [("web", "5"), ("db", "15"), ("last", "none")] {
            let mut object = super::objects()[1].clone();
            object["metadata"]["name"] = json!(name);
            object["metadata"]["labels"] = json!({"rank": rank});
            place.put(object);
        }
        let cli = place.cli();
        for (selector, wanted) in [
            ("rank!=5", "app db last"),
            ("rank>3", "db web"),
            ("rank > 3,rank<10", "web"),
            ("rank<16,rank!=5", "db"),
            ("!rank", "app"),
        ] {
            let seen = cli.run(&["get", "ks", "--no-header", "-l", selector]);
            let names: Vec<&str> = seen.succeeded().lines().filter_map(|row| row.split_whitespace().next()).collect();
            assert_eq!(names.join(" "), wanted, "{selector}");
        }
        assert!(cli.run(&["get", "ks", "-l", "rank>a"]).failed().contains("the value must be an integer"));
    }

    fn what_is_not_there_is_named(place: &dyn Place) {
        let cli = place.cli();
        assert_eq!(
            cli.run(&["get", "hr"]).failed(),
            "✗ no HelmRelease objects found in \"flux-system\" namespace\n"
        );
        assert_eq!(
            cli.run(&["get", "ks", "web"]).failed(),
            "✗ Kustomization object 'web' not found in \"flux-system\" namespace\n"
        );
        assert_eq!(
            cli.run(&["get", "hr", "-A"]).failed(),
            "✗ no HelmRelease objects found in any namespace\n"
        );
    }

    fn all_lists_every_kind_with_its_name_in_front(place: &dyn Place) {
        let seen = place.cli().run(&["get", "all", "-A", "--no-header"]);
        let out = seen.succeeded();
        assert!(out.contains("flux-system\tgitrepository/app\t"), "{out}");
        assert!(out.ends_with("flux-system\tkustomization/app\t\tFalse\tFalse\tnot yet\t\n\n"), "{out}");
    }

    fn an_explicit_timeout_ends_a_watch(place: &dyn Place) {
        let seen = place.cli().run(&["get", "ks", "-w", "--timeout", "1s"]);
        assert!(seen.failed().contains("timed out"), "{seen:?}");
        assert!(seen.out.contains("not yet"), "{seen:?}");
    }

    fn an_exported_object_has_nothing_that_the_cluster_added(place: &dyn Place) {
        let seen = place.cli().run(&["export", "source", "git", "app"]);
        assert_eq!(
            seen.succeeded(),
            "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: app\n  namespace: flux-system\nspec:\n  \
                 interval: 1m0s\n  secretRef:\n    name: login\n  timeout: 1m0s\n  url: https://git.example.com/app\n"
        );
    }

    fn what_is_empty_is_not_exported(place: &dyn Place) {
        let spec = json!({
            "interval": "60s", "prune": false, "path": "", "dependsOn": [], "postBuild": {"substitute": {}}, "wait": false,
            "sourceRef": {"kind": "GitRepository", "name": "app", "namespace": ""}, "commonMetadata": {"labels": {}},
        });
        place.put(flux_object("Kustomization", "empty", spec, json!({})));
        let seen = place.cli().run(&["export", "kustomization", "empty"]);
        assert_eq!(
            seen.succeeded(),
            "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: empty\n  namespace: flux-system\nspec:\n  \
                 commonMetadata: {}\n  interval: 1m0s\n  postBuild: {}\n  prune: false\n  sourceRef:\n    kind: GitRepository\n    name: app\n"
        );
    }

    fn an_http_address_is_warned_of_only_where_there_are_credentials(place: &dyn Place) {
        let words = ["create", "source", "git", "plain", "--url=http://127.0.0.1:1/r", "--branch=main", "--timeout=1s"];
        let warning = "insecure configuration: credentials configured for an HTTP URL";
        let seen = place.cli().run(&words);
        assert!(!seen.failed().contains(warning), "{seen:?}");
        let seen = place.cli().run(&[&words[..], &["--username=ada", "--password=hunter22"]].concat());
        assert!(seen.failed().contains(warning), "{seen:?}");
    }

    fn credentials_are_exported_for_every_source_that_has_some(place: &dyn Place) {
        let secret = |name: &str| {
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "flux-system"},
                "type": "Opaque", "data": {"password": "c2VjcmV0"}})
        };
        place.put(secret("login"));
        place.put(secret("other"));
        let spec =
            json!({"url": "https://git.example.com/web", "interval": "1m0s", "secretRef": {"name": "other"}});
        place.put(flux_object("GitRepository", "web", spec, json!({})));
        let seen = place.cli().run(&["export", "source", "git", "--all", "--with-credentials"]);
        let out = seen.succeeded();
        assert_eq!(out.matches("kind: Secret").count(), 2, "{out}");
        assert_eq!(out.matches("kind: GitRepository").count(), 2, "{out}");
    }

    fn a_missing_object_is_told_in_the_words_of_the_api_server(place: &dyn Place) {
        let cli = place.cli();
        let words = "✗ gitrepositories.source.toolkit.fluxcd.io \"web\" not found\nhint: ";
        for verb in [
            &["export", "source", "git", "web"][..],
            &["delete", "source", "git", "web", "-s"],
            &["reconcile", "source", "git", "web"],
        ] {
            let seen = cli.run(verb);
            assert!(seen.failed().starts_with(words), "{seen:?}");
        }
    }

    fn deleting_asks_first_and_does_not_ask_when_told_so(place: &dyn Place) {
        let cli = place.cli();
        assert!(cli.run(&["delete", "ks", "app"]).failed().contains("--silent"));
        assert!(place.get("Kustomization", "flux-system", "app").is_some());
        let seen = cli.run(&["delete", "-s", "ks", "app"]);
        seen.succeeded();
        assert_eq!(
            seen.err,
            "► deleting kustomization app in flux-system namespace\n✔ kustomization deleted\n"
        );
        assert!(place.get("Kustomization", "flux-system", "app").is_none());
    }

    fn a_pipe_answers_what_deleting_asks(place: &dyn Place) {
        let cli = place.cli();
        let question = "Are you sure you want to delete this kustomization? [y/N]\n";
        for refusal in ["n\n", "yes\n", "\n", " y\n", "n\ny\n"] {
            let seen = cli.answer(&["delete", "ks", "app"], refusal);
            assert_eq!(seen.failed(), format!("{question}✗ aborting\n"), "{refusal:?}");
        }
        let seen = cli.answer(&["delete", "ks", "app"], "");
        let hint = "hint: stdin ended without an answer; pass --silent to continue without being asked\n";
        assert_eq!(seen.failed(), format!("{question}✗ aborting\n{hint}"));
        for consent in ["y\n", "Y", "y\r\nn\n"] {
            place.put(super::objects()[1].clone());
            let seen = cli.answer(&["delete", "ks", "app"], consent);
            seen.succeeded();
            assert_eq!(
                seen.err,
                format!("{question}► deleting kustomization app in flux-system namespace\n✔ kustomization deleted\n")
            );
            assert!(place.get("Kustomization", "flux-system", "app").is_none(), "{consent:?}");
        }
    }

    fn resuming_all_of_nothing_is_not_a_failure(place: &dyn Place) {
        let cli = place.cli();
        let seen = cli.run(&["resume", "ks", "--all", "-n", "default"]);
        seen.succeeded();
        assert_eq!(seen.err, "✗ no Kustomization objects found in default namespace\n");
    }

    fn all_beside_a_name_means_the_name(place: &dyn Place) {
        let mut second = super::objects()[1].clone();
        second["metadata"]["name"] = json!("web");
        place.put(second);
        let cli = place.cli();
        let seen = cli.run(&["suspend", "ks", "app", "--all"]);
        seen.succeeded();
        assert_eq!(
            seen.err,
            "► suspending kustomization app in flux-system namespace\n✔ kustomization suspended\n"
        );
        for missing in ["suspend", "resume"] {
            assert!(cli.run(&[missing, "ks", "none", "--all"]).failed().contains("none"));
        }
        let seen = cli.run(&["resume", "ks", "app", "--all", "--wait=false"]);
        seen.succeeded();
        assert!(!seen.err.contains("web"), "{seen:?}");
    }

    fn suspend_pauses_each_once_and_fails_when_one_is_unknown(place: &dyn Place) {
        let seen = place.cli().run(&["suspend", "ks", "app", "web", "app"]);
        assert_eq!(
            seen.failed(),
            "► suspending kustomization app in flux-system namespace\n✔ kustomization suspended\n✗ Kustomization web not found in flux-system namespace\n"
        );
        let stored = place.get("Kustomization", "flux-system", "app").unwrap();
        assert_eq!(stored["spec"]["suspend"], true);
    }

    fn resume_starts_it_again_and_waits_for_the_one(place: &dyn Place) {
        let _controllers = place.with_controllers(Duration::from_millis(50));
        let cli = place.cli();
        cli.run(&["suspend", "source", "git", "app"]).succeeded();
        let seen = cli.run(&["resume", "source", "git", "app"]);
        seen.succeeded();
        assert_eq!(
            seen.err,
            format!(
                "► resuming source git app in flux-system namespace\n✔ source git resumed\n◎ waiting for GitRepository reconciliation\n\
                     ✔ GitRepository app reconciliation completed\n✔ fetched revision main@sha1:{SHA}\n"
            )
        );
        assert!(
            place.get("GitRepository", "flux-system", "app").unwrap()["spec"]
                .get("suspend")
                .is_none_or(|value| value == false)
        );
        assert_eq!(cli.run(&["resume", "ks", "web"]).code, 1);
    }

    fn reconcile_says_the_result_as_soon_as_the_controller_does(place: &dyn Place) {
        let _controllers = place.with_controllers(Duration::from_millis(500));
        let started = std::time::Instant::now();
        let seen = place.cli().run(&["reconcile", "source", "git", "app"]);
        let took = started.elapsed();
        seen.succeeded();
        assert_eq!(
            seen.err,
            format!(
                "► annotating GitRepository app in flux-system namespace\n✔ GitRepository annotated\n\
                     ◎ waiting for GitRepository reconciliation\n✔ fetched revision main@sha1:{SHA}\n"
            )
        );
        // A poll would find out after two seconds.
        assert!(took < Duration::from_millis(1700), "{took:?}");
        let age = jiff::Timestamp::now()
            .duration_since(requested_at(&place.get("GitRepository", "flux-system", "app").unwrap()));
        assert!(age.as_secs() < 60, "{age:?}");
    }

    fn the_source_is_reconciled_first_when_told_so(place: &dyn Place) {
        let mut object = place.get("Kustomization", "flux-system", "app").unwrap();
        object["status"]["lastAppliedRevision"] = json!(format!("main@sha1:{SHA}"));
        place.put(object);
        let _controllers = place.with_controllers(Duration::from_millis(20));
        let seen = place.cli().run(&["reconcile", "ks", "app", "--with-source"]);
        seen.succeeded();
        let source = seen.err.find("annotating GitRepository app").unwrap();
        assert!(source < seen.err.find("annotating Kustomization app").unwrap(), "{}", seen.err);
    }

    fn reconciling_a_suspended_object_fails_and_says_how_to_resume_it(place: &dyn Place) {
        let cli = place.cli();
        cli.run(&["suspend", "ks", "app"]).succeeded();
        let seen = cli.run(&["reconcile", "ks", "app"]);
        assert!(seen.failed().starts_with("✗ resource is suspended\nhint: "), "{seen:?}");
        assert!(seen.err.contains("resume"), "{seen:?}");
    }
}
