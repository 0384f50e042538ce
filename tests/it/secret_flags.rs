//! Secrets from files and from standard input, beside every flag that takes one.

use crate::support::Cli;
use crate::support::Terminal;
use fluxr::testing::commands::command;
use fluxr::testing::text::Secret;
use std::any::TypeId;

const HELM: [&str; 6] = ["create", "secret", "helm", "app", "--username=ada", "--export"];

/// The password in the Secret that a line exports.
#[track_caller]
fn password(cli: &Cli, more: &[&str], stdin: &str) -> String {
    let seen = cli.answer(&[&HELM[..], more].concat(), stdin);
    let made = fluxr::testing::text::yaml::documents(seen.succeeded(), "stdout").unwrap().remove(0);
    assert_eq!(seen.err, "", "{more:?}");
    made["stringData"]["password"].as_str().unwrap().to_owned()
}

#[test]
fn every_flag_that_takes_a_secret_has_a_file_and_standard_input() {
    let mut open = vec![(String::new(), command("fluxr"))];
    let mut count = 0;
    while let Some((path, command)) = open.pop() {
        let is_secret = |arg: &&clap::Arg| arg.get_value_parser().type_id() == TypeId::of::<Secret>();
        for flag in command.get_arguments().filter(is_secret).filter_map(clap::Arg::get_long) {
            for end in ["file", "stdin"] {
                let wanted = format!("{flag}-{end}");
                let sibling = command.get_arguments().find(|arg| arg.get_long() == Some(&wanted));
                let sibling = sibling.unwrap_or_else(|| panic!("{path} --{wanted}"));
                assert!(sibling.is_hide_short_help_set(), "{path} --{wanted}");
                count += 1;
            }
        }
        for below in command.get_subcommands() {
            open.push((format!("{path} {}", below.get_name()), below.clone()));
        }
    }
    assert!(count > 14, "{count}");
}

#[test]
fn a_secret_is_read_from_a_file_or_from_standard_input() {
    let cli = Cli::new();
    let file = |text: &str| std::fs::write(cli.home().join("password"), text).unwrap();
    for (content, wanted) in [
        ("hunter22", "hunter22"),
        ("hunter22\n", "hunter22"),
        ("hunter22\r\n", "hunter22"),
        ("hunter22\n\n", "hunter22\n"),
        (" --a=b,\"c\" ", " --a=b,\"c\" "),
        ("-", "-"),
    ] {
        file(content);
        assert_eq!(password(&cli, &["--password-file=password"], ""), wanted);
        assert_eq!(password(&cli, &["--password-file", "password", "--", "more"], ""), wanted);
        assert_eq!(password(&cli, &["--password-stdin"], content), wanted);
    }
    // As everywhere, an empty value counts as not set.
    file("hunter22");
    assert_eq!(
        password(&cli, &["--password-file=password", "--password=", "--password-stdin=false"], ""),
        "hunter22"
    );
    assert_eq!(password(&cli, &["--password=hunter22", "--password-file="], ""), "hunter22");
}

#[test]
fn what_cannot_be_read_names_the_flag_and_the_file() {
    let cli = Cli::new();
    std::fs::write(cli.home().join("large"), "x".repeat(1024 * 1024 + 1)).unwrap();
    std::fs::write(cli.home().join("bytes"), [0xff, 0xfe]).unwrap();
    std::fs::write(cli.home().join("empty"), "").unwrap();
    for (more, stdin, said) in [
        (
            &["--password-file=none"][..],
            "",
            "reading --password-file: open none: no such file or directory\n",
        ),
        (&["--password-file=."], "", "reading --password-file: read .: is a directory\n"),
        (&["--password-file=large"], "", "reading --password-file: it is longer than 1 MiB\n"),
        (&["--password-file=bytes"], "", "reading --password-file: it is not UTF-8 text\n"),
        (&["--password-file=empty"], "", "password is required\n"),
        (&["--password-stdin"], "", "password is required\n"),
        (
            &["--password-file=empty", "-p", "x"],
            "",
            "--password and --password-file cannot be used together\n",
        ),
        (&["--password-stdin", "-p", "x"], "y", "--password and --password-stdin cannot be used together\n"),
        (
            &["--password-stdin", "--password-file=empty"],
            "y",
            "--password-file and --password-stdin cannot be used together\n",
        ),
        (
            &["--password-stdin", "--token-stdin"],
            "y",
            "--password-stdin and --token-stdin cannot be used together: there is one standard input\n",
        ),
    ] {
        let seen = cli.answer(&[&HELM[..], more].concat(), stdin);
        assert_eq!(seen.failed(), format!("✗ {said}"), "{more:?}");
        assert_eq!(seen.out, "", "{more:?}");
    }
    let large = "x".repeat(1024 * 1024 + 1);
    let seen = cli.answer(&[&HELM[..], &["--password-stdin"]].concat(), &large);
    assert_eq!(seen.failed(), "✗ reading --password-stdin: it is longer than 1 MiB\n");
}

#[test]
fn the_token_of_the_api_server_may_come_from_a_file_wherever_the_flag_is() {
    let server = crate::support::ApiServer::with_flux();
    let cli = Cli::against(&server);
    std::fs::write(cli.home().join("token"), "S3cr3t_Value\n").unwrap();
    for line in [
        ["--token-file=token", "get", "ks", "-n", "S3cr3t_Value"],
        ["get", "ks", "--token-file=token", "-n", "S3cr3t_Value"],
    ] {
        let seen = cli.run(&line);
        assert!(seen.failed().contains("[redacted]") && !seen.err.contains("S3cr3t_Value"), "{seen:?}");
    }
}

#[test]
fn a_secret_on_the_line_is_told_to_be_visible_and_only_to_a_person() {
    let cli = Cli::new();
    std::fs::write(cli.home().join("password"), "hunter22").unwrap();
    let line = HELM.join(" ");
    let told = "⚠️ other users of this machine can see --password on the command line; \
                --password-file and --password-stdin hide it";
    let mut terminal = Terminal::run(&cli, &format!("$FLUXR {line} --password=hunter22 >/dev/null"));
    assert_eq!(terminal.ends(), 0);
    terminal.shows("hide it");
    assert_eq!(terminal.lines(), [told, ""]);
    for more in ["--password=hunter22 2>&1 >/dev/null | cat", "--password-file=password >/dev/null"] {
        let mut terminal = Terminal::run(&cli, &format!("$FLUXR {line} {more}"));
        assert_eq!(terminal.ends(), 0);
        assert_eq!(terminal.lines(), [""], "{more}");
    }
    // What is typed there would be shown.
    let mut terminal = Terminal::run(&cli, &format!("$FLUXR {line} --password-stdin"));
    assert_eq!(terminal.ends(), 1);
    terminal.shows("hint: pipe the secret into the command, or use --password-file");
}
