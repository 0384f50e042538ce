//! `envsubst`: variables of the environment in what comes through a pipe.

use crate::support::Cli;

fn cli() -> Cli {
    Cli::new().env("region", "eu").env("empty", "")
}

#[test]
fn variables_are_replaced_line_by_line() {
    let run =
        cli().answer(&["envsubst"], "a: ${region}\r\n${none:-x} ${empty:=y} $${region}\n\nlast $region");
    assert_eq!(run.succeeded(), "a: eu\nx y ${region}\n\nlast $region\n");
    assert_eq!(cli().answer(&["envsubst"], "").succeeded(), "");
}

#[test]
fn a_line_of_ten_megabytes_is_one_like_any_other() {
    let line = format!("{}${{region}}", "x".repeat(10 * 1024 * 1024));
    let run = cli().answer(&["envsubst"], &line);
    assert!(run.succeeded().ends_with("xeu\n") && run.out.len() == 10 * 1024 * 1024 + 3);
}

#[test]
fn what_cannot_be_replaced_fails_after_the_lines_before_it() {
    let run = cli().answer(&["envsubst"], "${region}\n${a.b}\nmore\n");
    assert_eq!(run.failed(), "✗ missing closing brace\nhint: line 2: write $${ for a literal ${\n");
    assert_eq!(run.out, "eu\n");
    let run = cli().answer(&["envsubst", "--strict"], "${none:-x} ${none}\n");
    let hint = "hint: line 1: set it, or give a default ${none:=default}\n";
    assert_eq!(run.failed(), format!("✗ variable not set (strict mode): \"none\"\n{hint}"));
    assert_eq!(cli().answer(&["envsubst", "--strict"], "${none:-x} ${empty}\n").succeeded(), "x \n");
}

#[test]
fn a_word_is_refused() {
    let run = Cli::new().run(&["envsubst", "values.yaml"]);
    assert_eq!(run.failed(), "✗ unknown command \"values.yaml\" for \"fluxr envsubst\"\n");
}
