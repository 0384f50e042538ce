//! Wrong command lines and help, in the words that scripts know.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::flux_object;
use fluxr::testing::commands::command;
use fluxr::testing::text::Secret;
use serde_json::json;
use std::any::TypeId;

#[test]
fn an_unknown_command_is_one_line_with_suggestions() {
    let seen = Cli::new().run(&["instal"]);
    assert!(seen.failed().starts_with("✗ unknown command \"instal\" for \"fluxr\""), "{seen:?}");
    assert!(seen.err.contains("Did you mean this?") && seen.err.contains("\tinstall\n"), "{seen:?}");
    assert_eq!(seen.out, "");
}

#[test]
fn the_name_in_messages_is_the_one_the_program_was_called_by() {
    let seen = Cli::new().called("flux").run(&["nonsense"]);
    assert!(seen.failed().starts_with("✗ unknown command \"nonsense\" for \"flux\""), "{seen:?}");
    let release = fluxr::testing::distribution::current_version().trim_start_matches('v');
    let seen = Cli::new().called("flux").run(&["--version"]);
    assert_eq!(seen.succeeded(), format!("flux version {release}\n"));
}

#[test]
fn unknown_flags_and_missing_values_are_told_as_cobra_tells_them() {
    let cli = Cli::new();
    for (line, said) in [
        (vec!["get", "ks", "--nope"], "✗ unknown flag: --nope\n"),
        (vec!["get", "ks", "--nope=1"], "✗ unknown flag: --nope\n"),
        (vec!["get", "ks", "-x"], "✗ unknown shorthand flag: 'x' in -x\n"),
        (vec!["get", "ks", "-n=x", "-Ax"], "✗ unknown shorthand flag: 'x' in -x\n"),
        // What a letter takes as its value is not shown.
        (
            vec!["create", "secret", "helm", "app", "-u", "ada", "-ps3qret", "-q"],
            "✗ unknown shorthand flag: 'q' in -q\n",
        ),
        (vec!["foo", "get", "ks"], "✗ unknown command \"foo\" for \"fluxr\"\n"),
        (vec!["--export", "create", "source"], "✗ unknown command \"source\" for \"fluxr\"\n"),
        (vec!["get", "foo", "sources"], "✗ unknown command \"foo\" for \"fluxr get\"\n"),
        (vec!["get", "ks", "--namespace"], "✗ flag needs an argument: --namespace\n"),
        (vec!["get", "ks", "-n"], "✗ flag needs an argument: 'n' in -n\n"),
        (
            vec!["get", "ks", "--timeout", "5"],
            "✗ invalid argument \"5\" for \"--timeout\" flag: time: missing unit in duration \"5\"\n",
        ),
        (
            vec!["get", "ks", "--watch=maybe"],
            "✗ invalid argument \"maybe\" for \"-w, --watch\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax\n",
        ),
    ] {
        let seen = cli.run(&line);
        assert_eq!(seen.failed(), said, "{line:?}");
        assert_eq!(seen.out, "", "{line:?}");
    }
}

#[test]
fn flags_may_precede_the_names_of_their_command() {
    let cli = Cli::new();
    let usual = ["create", "source", "git", "app", "--url=https://git.test/app", "--branch=main", "--export"];
    let wanted = cli.run(&usual);
    for line in [
        ["create", "--branch=main", "source", "git", "app", "--url=https://git.test/app", "--export"],
        ["--url=https://git.test/app", "--branch=main", "create", "source", "git", "app", "--export"],
        ["create", "--export", "source", "--branch=main", "git", "--url=https://git.test/app", "app"],
    ] {
        assert_eq!(cli.run(&line).succeeded(), wanted.succeeded(), "{line:?}");
    }
}

#[test]
fn the_argument_behind_a_flag_is_its_value_whatever_it_begins_with() {
    let line = ["create", "secret", "git", "app", "--url", "https://git.test/app", "--export"];
    for (flags, wanted) in [
        (&["--username", "u", "--password", "-p4ss"][..], "password: -p4ss"),
        (&["-u", "u", "-p", "--export"], "password: --export"),
        (&["--bearer-token", "-"], "bearerToken: '-'"),
    ] {
        let seen = Cli::new().run(&[&line[..], flags].concat());
        assert!(seen.succeeded().contains(wanted), "{flags:?}: {seen:?}");
    }
}

#[test]
fn a_group_shows_its_help_and_refuses_a_word_that_it_does_not_know() {
    let cli = Cli::new();
    for line in [vec![], vec!["get"], vec!["get", "sources"], vec!["export", "source"], vec!["suspend"]] {
        let seen = cli.run(&line);
        assert!(seen.succeeded().contains("Usage"), "{line:?}: {seen:?}");
        assert_eq!(seen.err, "", "{line:?}");
    }
    for (line, said) in [
        ("get foo", "unknown command \"foo\" for \"fluxr get\"\n"),
        (
            "get kustomizatons -A",
            "unknown command \"kustomizatons\" for \"fluxr get\"\n\nDid you mean this?\n\tkustomizations\n",
        ),
        (
            "export source gitt app",
            "unknown command \"gitt\" for \"fluxr export source\"\n\nDid you mean this?\n\tgit\n",
        ),
        (
            "create sauce git app",
            "unknown command \"sauce\" for \"fluxr create\"\n\nDid you mean this?\n\tsource\n",
        ),
    ] {
        let seen = cli.run(&line.split(' ').collect::<Vec<_>>());
        assert!(seen.failed().starts_with(&format!("✗ {said}")), "{line}: {seen:?}");
        assert_eq!(seen.out, "", "{line}");
    }
}

#[test]
fn help_takes_a_bool_as_go_reads_it() {
    let of = |flag: &str| {
        Cli::new().run(&[
            "create",
            "source",
            "git",
            "app",
            "--url=https://git.test/a",
            "--branch=main",
            "--export",
            flag,
        ])
    };
    assert_eq!(of("--help=true"), of("--help"));
    assert!(of("--help=false").succeeded().contains("kind: GitRepository"));
    let refused = "✗ invalid argument \"x\" for \"-h, --help\" flag: strconv.ParseBool: parsing \"x\": invalid syntax\n";
    assert!(of("--help=x").failed().starts_with(refused));
}

#[test]
fn help_goes_to_stdout() {
    let seen = Cli::new().run(&["get", "ks", "--help"]);
    assert!(seen.succeeded().contains("--show-source"), "{seen:?}");
}

#[test]
fn a_switch_takes_a_value_after_an_equals_sign_and_the_last_one_wins() {
    let seen = Cli::new().run(&["version", "--client=false", "--client"]);
    assert!(seen.succeeded().contains(fluxr::testing::distribution::current_version()), "{seen:?}");
}

#[test]
fn a_namespace_that_is_not_a_label_is_refused() {
    let seen = Cli::new().run(&["get", "ks", "-n", "Not_A_Label"]);
    assert_eq!(seen.failed(), "✗ namespace must be a valid DNS label: \"Not_A_Label\"\n");
}

#[test]
fn words_too_many_are_ignored_where_upstream_ignores_them() {
    let seen = Cli::new().run(&["version", "--client", "and", "more"]);
    assert!(seen.succeeded().contains(fluxr::testing::distribution::current_version()), "{seen:?}");
}

#[test]
fn without_a_cluster_the_error_says_where_to_look() {
    let seen = Cli::new().run(&["get", "ks"]);
    assert!(seen.failed().contains("hint: set KUBECONFIG"), "{seen:?}");
}

#[test]
fn a_missing_name_is_asked_for() {
    let cli = Cli::new();
    assert_eq!(cli.run(&["reconcile", "ks"]).failed(), "✗ Kustomization name is required\n");
    assert_eq!(cli.run(&["suspend", "source", "git"]).failed(), "✗ source git name is required\n");
}

#[test]
fn an_address_of_codecommit_is_checked_before_anything_is_done() {
    let cli = Cli::new();
    let host = "git-codecommit.eu-west-1.amazonaws.com/v1/repos/fleet";
    let refused = |url: String, more: &[&str]| {
        let url = format!("--url={url}");
        let line = [&["bootstrap", "git", url.as_str()], more].concat();
        cli.run(&line).failed().to_owned()
    };
    assert!(refused(format!("ssh://{host}"), &[]).contains("ssh username should be specified in the url"));
    assert!(refused(format!("ssh://git@{host}"), &[]).contains("should be the SSH key ID"));
    assert!(refused(format!("ssh://APKA@{host}"), &[]).contains("private key file is required"));
    let iam = refused(format!("https://{host}"), &[]);
    assert!(iam.contains("AWS IAM") && iam.contains("hint: ") && iam.contains("--token-auth"), "{iam}");
    let token = refused(format!("https://{host}"), &["--token-auth", "--password=hunter22"]);
    assert!(!token.contains("CodeCommit"), "{token}");
}

#[test]
fn a_wrong_namespace_in_the_environment_is_warned_of_as_the_flux_cli_does() {
    let seen = Cli::new().env("FLUX_SYSTEM_NAMESPACE", "Not_one").run(&["version", "--client"]);
    assert_eq!(seen.err, "⚠️  ignoring invalid FLUX_SYSTEM_NAMESPACE: \"Not_one\"\n");
}

#[test]
fn an_empty_value_is_as_good_as_none() {
    let server = ApiServer::with_flux();
    let spec = json!({"interval": "5m0s"});
    server.put(flux_object("Kustomization", "app", spec, json!({})));
    let cli = Cli::against(&server);
    for flag in [
        "kubeconfig",
        "context",
        "cluster",
        "user",
        "server",
        "token",
        "as",
        "as-uid",
        "as-user-extra",
        "certificate-authority",
        "client-certificate",
        "client-key",
        "tls-server-name",
        "cache-dir",
    ] {
        cli.run(&["get", "ks", &format!("--{flag}=")]).succeeded();
        cli.run(&["get", "ks", &format!("--{flag}"), ""]).succeeded();
    }
    let secret =
        ["create", "secret", "git", "login", "--url=https://h/r", "--username=a", "--password=b", "--export"];
    let plain = cli.run(&secret).succeeded().to_owned();
    std::fs::write(cli.home().join("empty"), "").unwrap();
    let empty_file = format!("--ca-crt-file={}", cli.home().join("empty").display());
    for flag in ["--ca-crt-file=", &empty_file, "--private-key-file="] {
        assert_eq!(cli.run(&[&secret[..], &[flag]].concat()).succeeded(), plain, "{flag}");
    }
    let source =
        ["create", "source", "git", "app", "--url=https://h/r", "--branch=main", "--export", "--ca-file="];
    cli.run(&source).succeeded();
    for words in [&secret[..], &source[..]] {
        let without = cli.run(&[words, &["--namespace="]].concat());
        assert!(!without.succeeded().contains("namespace:"), "{without:?}");
    }
    // Nothing of an empty flag is repeated in a hint.
    let seen = cli.run(&["reconcile", "ks", "none", "--context=", "--user="]);
    assert!(!seen.failed().contains("--context"), "{seen:?}");
}

/// Every flag of the tree that takes a secret, with the words of its command.
fn secret_flags(command: &clap::Command, words: &[String]) -> Vec<(Vec<String>, String)> {
    let is_secret = |arg: &&clap::Arg| arg.get_value_parser().type_id() == TypeId::of::<Secret>();
    let flags = command.get_arguments().filter(is_secret).filter_map(clap::Arg::get_long);
    // The flags of a group need one of its commands.
    let first = command.get_subcommands().next().map(|below| below.get_name().to_owned());
    let line = [words, &first.into_iter().collect::<Vec<_>>()].concat();
    let mut found: Vec<_> = flags.map(|flag| (line.clone(), flag.to_owned())).collect();
    for below in command.get_subcommands() {
        found.extend(secret_flags(below, &[words, &[below.get_name().to_owned()]].concat()));
    }
    found
}

#[test]
fn the_value_of_every_flag_that_takes_a_secret_is_kept_out_of_messages() {
    const VALUE: &str = "S3cr3t_Value";
    let cli = Cli::new();
    let root = command("fluxr");
    let below = root.get_subcommands().flat_map(|one| secret_flags(one, &[one.get_name().to_owned()]));
    let of_all = root.get_arguments().filter(|arg| arg.get_id() == "token");
    let of_all = of_all.map(|_| (vec!["get".to_owned(), "ks".to_owned()], "token".to_owned()));
    let flags: Vec<_> = below.chain(of_all).collect();
    assert!(flags.len() > 6, "{flags:?}");
    for (words, flag) in flags {
        // A name and a namespace that are refused are repeated in the refusal.
        let mut line: Vec<&str> = words.iter().map(String::as_str).collect();
        let flag = format!("--{flag}={VALUE}");
        // `create` judges the name first, and some others take none.
        line.extend(Some(VALUE).filter(|_| words[0] == "create"));
        line.extend(["--namespace", VALUE, &flag]);
        let seen = cli.run(&line);
        let shown = format!("{}{}", seen.failed(), seen.out);
        assert!(shown.contains("[redacted]") && !shown.contains(VALUE), "{line:?}: {shown}");
    }
}
