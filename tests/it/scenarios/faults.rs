//! The API server fails, in every way in which one can: each command says what it was doing and what to do next, and ends.

use super::Place;
use super::lines::Line;
use super::lines::lines;
use super::scenarios;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::NOBODY;
use crate::support::Output;
use crate::support::Ways;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::json;
use std::time::Duration;
use std::time::Instant;

fn run(cli: &Cli, line: &str) -> Output {
    cli.run(&line.split(' ').collect::<Vec<_>>())
}

/// How many lines are tried at once: most of the time they wait.
const AT_ONCE: usize = 8;

/// The program with this kubeconfig, the files that the lines name, and tokens for the forges.
fn prepared(kubeconfig: &str) -> Cli {
    let cli = Cli::new().with_kubeconfig(kubeconfig).env("GIT_PASSWORD", "x");
    let cli = ["GITHUB", "GITLAB", "GITEA", "BITBUCKET"]
        .iter()
        .fold(cli, |cli, forge| cli.env(&format!("{forge}_TOKEN"), "x"));
    crate::exit_codes::put_files(&cli);
    cli
}

/// Runs each line with the fault in its way; those that do not end as they should.
fn wrong(
    place: &dyn Place,
    more: &str,
    fault: &Fault,
    is_right: impl Fn(&Line, &Output) -> bool + Sync,
) -> Vec<String> {
    Ways::open(&place.kubeconfig(), AT_ONCE).with_each(&lines(), |way, line| {
        way.forgive();
        way.fail(line.method, &line.part, usize::MAX, fault.clone());
        let seen = run(&prepared(&way.kubeconfig()), &format!("{}{more}", line.words));
        (!is_right(line, &seen)).then(|| format!("{}{more} with {fault:?}: {seen:#?}", line.words))
    })
}

#[track_caller]
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

scenarios! {
    fn every_command_says_what_it_was_doing_and_what_to_do_next(place: &dyn Place) {
        let refused = [401, 403, 410, 500].map(Fault::Status);
        for fault in refused.into_iter().chain([Fault::Cut, Fault::Garbage]) {
            none(&wrong(place, "", &fault, |line, seen| {
                seen.code == line.code()
                    && seen.err.lines().any(|said| said.starts_with("✗ ") && said.contains(&line.doing))
                    && seen.err.contains("\nhint: ")
            }));
        }
    }

    fn a_server_that_is_not_there_is_named(place: &dyn Place) {
        let gone = regex::Regex::new(r"127\.0\.0\.1:\d+")
            .unwrap()
            .replace(&place.kubeconfig(), NOBODY)
            .into_owned();
        none(&Ways::open(&place.kubeconfig(), 2).with_each(&lines(), |_, line| {
            let seen = run(&prepared(&gone), &line.words);
            let said = ["cannot reach the API server http", "127.0.0.1:9: ", "\nhint: "];
            let is_right =
                seen.code == line.code() && seen.out.is_empty() && said.iter().all(|said| seen.err.contains(said));
            (!is_right).then(|| format!("{}: {seen:#?}", line.words))
        }));
    }

    fn a_limit_ends_every_command_that_a_slow_server_holds_up(place: &dyn Place) {
        let started = Instant::now();
        none(&wrong(place, " --timeout=300ms", &Fault::Slow(Duration::from_secs(20)), |line, seen| {
            seen.code == line.code()
                && (seen.err.contains("no answer ") || seen.err.contains("deadline exceeded"))
        }));
        assert!(started.elapsed() < Duration::from_secs(3) * u32::try_from(lines().len() / AT_ONCE).unwrap());
    }

    fn a_busy_server_is_asked_again_when_it_said_so(place: &dyn Place) {
        let cli = place.faulty_cli();
        for (line, method) in
            [("get ks", "GET"), ("export ks app", "GET"), ("stats", "GET"), ("suspend ks app", "PATCH")]
        {
            place.fail(method, "/kustomizations", 1, Fault::TooManyRequests(1));
            let started = Instant::now();
            run(&cli, line).succeeded();
            assert!(started.elapsed() >= Duration::from_secs(1), "{line}: the pause was not kept");
        }
    }

    fn a_server_that_stays_busy_is_reported_as_such(place: &dyn Place) {
        for (fault, said) in [
            (Fault::TooManyRequests(1), "429 Too Many Requests: planned: slow down"),
            (Fault::TooManyRequests(3600), "429 Too Many Requests: planned: slow down"),
            (Fault::Status(503), "503 Service Unavailable: planned"),
        ] {
            let said = format!("the API server answered {said}");
            none(&wrong(place, " --timeout=1500ms", &fault, |line, seen| {
                seen.code == line.code() && seen.err.contains(&said) && seen.err.contains("\nhint: the API server ")
            }));
        }
    }

    fn what_can_be_listed_is_shown_beside_what_cannot(place: &dyn Place) {
        let cli = place.faulty_cli();
        for fault in [Fault::Status(403), Fault::Status(500), Fault::Cut, Fault::Garbage] {
            for (line, shown) in [
                ("get all", "kustomization/app"),
                ("get all -o name", "kustomization.kustomize.toolkit.fluxcd.io/app"),
                ("stats", "Kustomization"),
            ] {
                place.forgive();
                place.fail("GET", "/gitrepositories", 1, fault.clone());
                let seen = run(&cli, line);
                assert!(seen.failed().contains("listing gitrepositories"), "{line} with {fault:?}: {seen:?}");
                assert!(seen.out.contains(shown), "{line} with {fault:?}: {seen:?}");
            }
        }
    }

    fn a_namespace_that_may_not_be_seen_is_named_beside_what_is_in_the_others(place: &dyn Place) {
        let cli = place.faulty_cli();
        for plural in ["kustomizations", "events"] {
            for part in [format!("/v1/{plural}?"), format!("/namespaces/default/{plural}?")] {
                place.fail("GET", &part, usize::MAX, Fault::Status(403));
            }
        }
        for (line, shown) in [
            ("get ks -A", "flux-system\tapp "),
            ("get ks -A -o wide", "flux-system\tapp "),
            ("get ks -A -o name", "kustomization.kustomize.toolkit.fluxcd.io/app\n"),
            ("get all -A", "kustomization/app"),
            ("stats -A", "\nKustomization        \t1"),
        ] {
            let seen = run(&cli, line);
            let said = "✗ listing kustomizations in default: planned failure 403\nhint: ";
            assert!(seen.failed().contains(said), "{line}: {seen:?}");
            assert!(seen.out.contains(shown), "{line}: {seen:?}");
        }
        assert!(run(&cli, "events -A").failed().contains("listing events in default: planned failure 403"));
        // Nothing at all may be seen.
        place.fail("GET", "/kustomizations?", usize::MAX, Fault::Status(403));
        let seen = run(&cli, "get ks -A");
        assert!(
            seen.failed().starts_with("✗ listing kustomizations: planned failure 403\nhint: "),
            "{seen:?}"
        );
    }

    fn a_reader_that_goes_ends_a_command_quietly(place: &dyn Place) {
        let cli = place.cli();
        for line in
            ["get all -A", "get ks --watch", "get ks -o yaml", "export ks --all", "stats", "tree ks app"]
        {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let ended = cli.command(&line.split(' ').collect::<Vec<_>>()).stdout(writer).output().unwrap();
            let said = String::from_utf8_lossy(&ended.stderr);
            assert_eq!((ended.status.code(), &*said), (Some(0), ""), "{line}");
        }
    }

    fn ctrl_c_ends_whatever_waits(place: &dyn Place) {
        let cli = place.faulty_cli();
        for line in [
            "get ks --watch",
            "get all -A --watch",
            "events --watch",
            "wait ks/app",
            "reconcile ks app",
            "resume ks app",
        ] {
            let before = settled(place);
            let mut running = cli.spawn(&line.split(' ').collect::<Vec<_>>());
            while !place.requests()[before..].iter().any(|request| request.starts_with("WATCH")) {
                assert!(running.is_running(), "{line} does not wait");
                std::thread::sleep(Duration::from_millis(5));
            }
            assert_eq!(running.interrupt(), 130, "{line}");
        }
    }

    fn an_answer_is_seen_through_any_trouble_with_the_watch(place: &dyn Place) {
        let _controllers = place.with_controllers(Duration::from_millis(700));
        let cli = place.faulty_cli();
        for fault in [
            Fault::Cut,
            Fault::Garbage,
            Fault::Status(410),
            Fault::Status(500),
            Fault::Status(403),
            Fault::TooManyRequests(1),
        ] {
            place.forgive();
            place.fail("WATCH", "/kustomizations", 2, fault.clone());
            let seen = run(&cli, "reconcile ks app --timeout=20s");
            assert_eq!(seen.code, 0, "{fault:?}: {seen:?}");
        }
    }

    fn a_kind_that_the_cluster_does_not_have_is_told_from_an_object_that_is_not_there(place: &dyn Place) {
        let missing = run(&place.cli(), "export ks web");
        assert!(
            missing
                .failed()
                .contains("\"web\" not found\nhint: `fluxr get kustomizations -A` lists what is there\n"),
            "{missing:?}"
        );
        place.forget("Kustomization");
        let cli = place.cli();
        let hint = "hint: the cluster does not know this kind: `fluxr install` or `fluxr bootstrap` adds the kinds of Flux, `fluxr check` shows what is there\n";
        for line in [
            "get ks",
            "get ks app -o json",
            "get ks -w",
            "export ks app",
            "export ks --all",
            "delete ks app -s",
            "suspend ks app",
            "suspend ks --all",
            "resume ks app",
            "reconcile ks app",
            "reconcile ks --all",
            "wait ks --all",
            "tree ks app",
            "debug ks app --show-vars",
            "why ks/app",
        ] {
            let seen = run(&cli, line);
            assert!(
                seen.failed().contains(hint) && seen.err.matches("hint: ").count() == 1,
                "{line}: {seen:?}"
            );
        }
        // Of all kinds, those that are there.
        assert!(run(&cli, "get all").succeeded().contains("gitrepository/app"));
        assert!(run(&cli, "stats").succeeded().contains("Kustomization        \t0"));
        assert!(run(&cli, "wait ks/app --for=deleted").err.contains("kustomization/app is deleted"));
    }

    fn an_object_that_is_deleted_while_it_is_waited_for_is_reported_as_such(place: &dyn Place) {
        for line in
            ["reconcile ks app", "resume ks app", "wait ks/app --timeout=2s", "wait ks/app --for=deleted"]
        {
            let spec = json!({"interval": "5m0s", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "app"}});
            place.put(flux_object("Kustomization", "app", spec, ready("False", "not yet", json!({}))));
            let before = settled(place);
            let cli = place.faulty_cli();
            let seen = std::thread::scope(|scope| {
                let running = scope.spawn(|| run(&cli, line));
                while !place.requests()[before..].iter().any(|request| request.starts_with("WATCH")) {
                    assert!(!running.is_finished(), "{line} does not watch");
                    std::thread::sleep(Duration::from_millis(5));
                }
                place.remove("Kustomization", "flux-system", "app");
                running.join().unwrap()
            });
            match line {
                "wait ks/app --for=deleted" => {
                    assert_eq!((seen.code, seen.err.as_str()), (0, "✔ kustomization/app is deleted\n"))
                }
                "wait ks/app --timeout=2s" => assert!(
                    seen.failed().contains("kustomization/app is not ready: it does not exist"),
                    "{seen:?}"
                ),
                _ => assert!(seen.failed().contains("app\" was deleted"), "{seen:?}"),
            }
        }
    }
}

/// How many requests there have been, once those of a process that has ended have all arrived.
fn settled(place: &dyn Place) -> usize {
    let mut before = place.requests().len();
    loop {
        std::thread::sleep(Duration::from_millis(150));
        let now = place.requests().len();
        if now == before {
            return now;
        }
        before = now;
    }
}
