//! What is asked, and what a pipe answers; `help`; and that a wrong command line is refused before anything is asked or done.

use crate::support::ApiServer;
use crate::support::Cli;
use fluxr::testing::distribution::current_version;
use serde_json::json;

/// A cluster where Flux was installed with Helm.
fn managed_by_helm() -> ApiServer {
    let server = ApiServer::with_flux();
    let name = "gitrepositories.source.toolkit.fluxcd.io";
    let mut definition = server.get("CustomResourceDefinition", "", name).unwrap();
    definition["metadata"]["labels"] =
        json!({"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/version": "v2.9.0"});
    server.put(definition);
    server
}

#[test]
fn an_installation_of_another_tool_is_taken_over_only_after_a_yes() {
    let server = managed_by_helm();
    let cli = Cli::against(&server);
    let question = "Flux v2.9.0 has been installed on this cluster with Helm!\n\
        Are you sure you want to override the Helm installation? [y/N]\n";
    for (answer, hint) in [("n\n", ""), ("", "hint: stdin ended without an answer; pass --force")] {
        let run = cli.answer(&["install"], answer);
        let shown = run.failed();
        assert!(shown.contains(&format!("{question}✗ installation cancelled\n{hint}")), "{shown}");
        assert!(server.get("Deployment", "flux-system", "source-controller").is_none());
    }
    let run = cli.answer(&["uninstall"], "n\n");
    assert_eq!(
        run.failed(),
        "Flux is managed by Helm! Are you sure you want to delete Flux and its CRDs using Flux CLI? [y/N]\n✗ aborting\n"
    );
}

#[test]
fn a_token_is_read_from_a_pipe_and_missed_at_its_end() {
    let cli = Cli::new();
    let line = ["bootstrap", "github", "--owner=ada", "--repository=fleet"];
    let prompt = "Please enter your GitHub personal access token (PAT): ";
    let run = cli.run(&line);
    assert_eq!(
        (run.out.as_str(), run.failed()),
        (
            prompt,
            "✗ could not read token: could not read from stdin: EOF\n\
             hint: export GITHUB_TOKEN=<token>, with the scope repo, or with administration and contents when fine-grained\n"
        )
    );
    for given in ["a-token\n", "a-token"] {
        let run = cli.answer(&line, given);
        assert!(run.failed().contains("no kubeconfig was found"), "{given:?}: {run:?}");
        assert_eq!(run.out, format!("{prompt}\n"));
    }
}

/// Wrong flags of `bootstrap`, and how the refusal begins.
fn wrong_flags(cli: &Cli) -> Vec<(Vec<String>, String)> {
    let home = cli.home();
    let keygen = |name: &str, more: &[&str]| {
        let file = home.join(name);
        let mut command = std::process::Command::new("ssh-keygen");
        command.args(["-q", "-C", "x", "-f"]).arg(&file).args(more);
        assert!(command.status().unwrap().success());
    };
    keygen("encrypted", &["-t", "ed25519", "-N", "open:sesame"]);
    keygen("small", &["-t", "rsa", "-b", "1024", "-N", ""]);
    std::fs::write(home.join("text"), "no key at all\n").unwrap();
    std::fs::write(home.join("empty"), "").unwrap();
    let invalid = "invalid SSH signing key: ";
    let parse = "could not parse SSH signing key: ";
    let exclusive = "--gpg-* and --ssh-signing-* are mutually exclusive; pick one signing format";
    [
        ("--components=source-controller", "component kustomize-controller is required".to_owned()),
        ("--components-extra=nothing", "component nothing is not available".to_owned()),
        ("--components-extra=source-watcher,", "component  is not available".to_owned()),
        ("--registry-creds=a:b", "--registry-creds requires --image-pull-secret to be set".to_owned()),
        (
            "--registry-creds=a --image-pull-secret=b",
            "invalid --registry-creds format, expected 'user:password'".to_owned(),
        ),
        ("--version=2.9.0", "targeted version '2.9.0' must be prefixed with 'v'".to_owned()),
        (
            "--version=v2.8.0",
            "targeted version 'v2.8.0' is not compatible with your current version of flux (CURRENT)".replace("CURRENT", current_version().trim_start_matches('v')),
        ),
        ("--gpg-key-ring=text --ssh-signing-key-file=text", exclusive.to_owned()),
        (
            "--ssh-signing-password=a",
            "--ssh-signing-password requires --ssh-signing-key-file".to_owned(),
        ),
        (
            "--ssh-signing-key-file=text --ssh-signing-password=a --ssh-signing-passphrase=b",
            "--ssh-signing-password and --ssh-signing-passphrase are aliases; do not pass both".to_owned(),
        ),
        (
            "--ssh-signing-key-file=none",
            "failed to read SSH signing key file: open none: no such file or directory".to_owned(),
        ),
        ("--ssh-signing-key-file=text", format!("{invalid}{parse}ssh: no key found")),
        ("--ssh-signing-key-file=empty", format!("{invalid}{parse}ssh: no key found")),
        ("--ssh-signing-key-file=encrypted", format!("{invalid}SSH signing key is encrypted; passphrase required")),
        ("--ssh-signing-key-file=encrypted --ssh-signing-password=barley", format!("{invalid}{parse}x509: decryption password incorrect")),
        (
            "--ssh-signing-key-file=small",
            format!(
                "{invalid}RSA key size 1024 bits is below the minimum supported by NewSSHSigner; must be at least 2048"
            ),
        ),
        (
            "--gpg-key-ring=none",
            "invalid GPG signing key: unable to open GPG key ring: open none: no such file or directory".to_owned(),
        ),
        (
            "--gpg-key-ring=text",
            "invalid GPG signing key: unable to read GPG key ring: openpgp: invalid data: tag byte does not have MSB set"
                .to_owned(),
        ),
        ("--gpg-key-ring=empty", "invalid GPG signing key: empty GPG key ring".to_owned()),
    ]
    .into_iter()
    .map(|(flags, wanted)| (flags.split(' ').map(str::to_owned).collect(), wanted))
    .collect()
}

#[test]
fn every_flag_of_bootstrap_is_judged_before_a_token_is_asked_for_or_a_cluster_looked_for() {
    let cli = Cli::new();
    let mut lines = wrong_flags(&cli);
    let reuse = "--ssh-signing-reuse-private-key";
    let flags = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    for (provider, further) in [
        (
            flags("github --owner=ada --repository=fleet"),
            vec![(
                flags(reuse),
                "--ssh-signing-reuse-private-key is not supported by 'bootstrap github'; that subcommand generates the SSH transport key \
             in-process and has no operator-supplied key to reuse",
            )],
        ),
        (
            flags("git --url=ssh://git@127.0.0.1:9/ada/fleet"),
            vec![
                (flags(reuse), "--ssh-signing-reuse-private-key requires --private-key-file"),
                (
                    flags(&format!("{reuse} --private-key-file=small --gpg-key-ring=text")),
                    "--gpg-* and --ssh-signing-* are mutually exclusive; pick one signing format",
                ),
                (
                    flags(&format!("{reuse} --private-key-file=small --ssh-signing-key-file=text")),
                    "--ssh-signing-key-file and --ssh-signing-reuse-private-key are mutually exclusive",
                ),
                (
                    flags(&format!("{reuse} --private-key-file=small")),
                    "invalid signing key (reused from --private-key-file): RSA key size 1024 bits is below",
                ),
            ],
        ),
    ] {
        let further = further.into_iter().map(|(flags, wanted)| (flags, wanted.to_owned()));
        for (flags, wanted) in lines.iter().cloned().chain(further) {
            let line: Vec<&str> = ["bootstrap"]
                .into_iter()
                .chain(provider.iter().map(String::as_str))
                .chain(flags.iter().map(String::as_str))
                .collect();
            let run = cli.run(&line);
            assert!(run.failed().starts_with(&format!("✗ {wanted}")), "{line:?}: {run:?}");
            assert_eq!(run.out, "", "{line:?}");
        }
    }
    lines.retain(|(flags, _)| flags[0].starts_with("--components") || flags[0].starts_with("--regis"));
    for (flags, wanted) in lines.iter().filter(|(_, wanted)| !wanted.ends_with("is required")) {
        let line: Vec<&str> = ["install"].into_iter().chain(flags.iter().map(String::as_str)).collect();
        assert_eq!(cli.run(&line).failed(), format!("✗ {wanted}\n"), "{line:?}");
    }
}

#[test]
fn a_label_selector_is_judged_without_a_cluster() {
    let cli = Cli::new();
    for line in [&["get", "ks"][..], &["get", "all"], &["reconcile", "ks"], &["wait", "ks"]] {
        let run = cli.run(&[line, &["-l", "team in"]].concat());
        let wanted = "✗ unable to parse label selector: couldn't parse the selector string \"team in\": \
            unable to parse requirement: found '' expected: '('\n";
        assert_eq!(run.failed(), wanted, "{line:?}");
    }
}

#[test]
fn help_shows_what_the_flag_shows() {
    let cli = Cli::new().called("flux");
    for words in [&[][..], &["get"], &["get", "sources", "git"], &["create", "secret"], &["help"]] {
        let asked = [&["help"], words].concat();
        assert_eq!(
            cli.run(&asked).succeeded(),
            cli.run(&[words, &["--help"]].concat()).succeeded(),
            "{asked:?}"
        );
    }
    // What follows a command is not a command, and its help answers that.
    let known = cli.run(&["help", "get", "nothing"]);
    assert_eq!(known.succeeded(), cli.run(&["get", "--help"]).succeeded());
    let alias = cli.run(&["help", "create", "ks"]);
    assert_eq!(alias.succeeded(), cli.run(&["create", "kustomization", "--help"]).succeeded());
    let unknown = cli.run(&["help", "instal", "more"]);
    let wanted = "✗ Unknown help topic [`instal` `more`]\n\nDid you mean this?\n\tinstall\n\n";
    assert_eq!((unknown.out.as_str(), unknown.failed()), ("", wanted));
}
