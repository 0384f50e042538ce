//! What a cluster may hold although no one wants it: control characters, endless messages, names like flags, objects of another time.

use super::Place;
use super::scenarios;
use crate::support::Terminal;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;

fn kustomization(name: &str, message: &str) -> Value {
    let spec =
        json!({"interval": "10m", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "app"}});
    flux_object("Kustomization", name, spec, ready("False", message, json!({})))
}

scenarios! {
    fn orders_to_the_terminal_are_shown_to_it_and_kept_in_a_pipe(place: &dyn Place) {
        let message = "\u{1b}[2J\u{1b}]0;owned\u{7}gone\rback";
        place.put(kustomization("app", message));
        let cli = place.cli();
        assert!(cli.run(&["get", "ks"]).succeeded().contains(message));
        let terminal = Terminal::run(&cli, "$FLUXR get ks");
        terminal.shows("^[[2J^[]0;owned^Ggone^Mback");
        assert!(!terminal.screen().contains("\u{1b}[2J"), "{:?}", terminal.screen());
        // The same in an error.
        let terminal = Terminal::run(&cli, "$FLUXR wait ks/app --timeout=1s");
        terminal.shows("(Tested: ^[[2J^[]0;owned^Ggone^Mback");
    }

    fn a_message_of_ten_thousand_characters_is_shown_whole(place: &dyn Place) {
        let message = "ünd ".repeat(2500);
        place.put(kustomization("app", message.trim_end()));
        let cli = place.cli();
        for line in [&["get", "ks"][..], &["get", "all"], &["get", "ks", "app", "-A"]] {
            assert!(cli.run(line).succeeded().contains(message.trim_end()), "{line:?}");
        }
        assert!(cli.run(&["export", "ks", "app"]).succeeded().len() < 1000, "an export has no status");
    }

    fn a_name_that_looks_like_a_flag_is_a_name_behind_two_hyphens(place: &dyn Place) {
        place.put(kustomization("app", "stored"));
        let cli = place.cli();
        let missing = "✗ Kustomization object '--all' not found in \"flux-system\" namespace\n";
        assert_eq!(cli.run(&["get", "ks", "--", "--all"]).failed(), missing);
        assert!(cli.run(&["suspend", "ks", "--", "-h"]).failed().contains("Kustomization -h not found"));
        for line in [&["delete", "ks", "-s", "--", "--all"][..], &["reconcile", "ks", "--", "--all"]] {
            assert!(cli.run(line).failed().contains("\"--all\" not found"), "{line:?}");
        }
        let kept = place.get("Kustomization", "flux-system", "app").unwrap();
        assert_eq!(kept["spec"]["suspend"], Value::Null, "--all was taken for a flag");
        assert!(cli.run(&["get", "ks", "--name"]).failed().contains("unknown flag: --name"));
    }

    fn objects_of_a_newer_api_are_read_by_every_verb_that_reads(place: &dyn Place) {
        place.take_anything();
        for kind in fluxr::testing::kind::KINDS {
            let spec = json!({"mode": {"unheard": ["of"]}, "interval": 5, "sourceRef": "text", "suspend": "perhaps"});
            let status =
                json!({"conditions": [{"type": 7}, null, "text"], "artifact": [], "inventory": "none"});
            place.put(flux_object(kind.kind, "odd", spec, status));
            let mut bare = flux_object(kind.kind, "bare", Value::Null, Value::Null);
            bare.as_object_mut().unwrap().retain(|field, _| !["spec", "status"].contains(&field.as_str()));
            place.put(bare);
        }
        let cli = place.cli();
        for kind in fluxr::testing::kind::KINDS {
            let many: Vec<&str> = ["get"].iter().chain(kind.noun.many).copied().collect();
            let seen = cli.run(&many);
            assert!(seen.succeeded().contains("odd") && seen.out.contains("bare"), "{}: {seen:?}", kind.kind);
            if kind.verbs.delete {
                let one: Vec<&str> =
                    ["export"].iter().chain(kind.noun.one).chain(&["odd"]).copied().collect();
                assert!(cli.run(&one).succeeded().contains("unheard"), "{}", kind.kind);
            }
        }
        for line in [&["get", "all"][..], &["stats"], &["tree", "ks", "odd"]] {
            cli.run(line).succeeded();
        }
    }
}
