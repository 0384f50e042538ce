//! What a terminal and a pipe are given.

use super::streams::lock;
use super::*;
use crate::text::Painted;
use crate::text::Secret;

#[test]
fn a_secret_is_redacted_in_every_encoding_it_travels_in() {
    let (ui, seen) = Ui::for_test(false);
    ui.redact(&Secret::new("p@ss/word"));
    ui.action("cloning https://git:p@ss/word@host and https://git:p%40ss%2Fword@host");
    ui.note("Authorization cEBzcy93b3Jk");
    let seen = lock(&seen).err.clone();
    assert!(!seen.contains("p@ss") && !seen.contains("p%40ss") && !seen.contains("cEBzcy"), "{seen}");
}

#[test]
fn a_terminal_is_not_given_orders_and_a_pipe_gets_every_byte() {
    let message = "\u{1b}[2Jgone\r";
    for (is_terminal, wanted) in [(true, "^[[2Jgone^M"), (false, message)] {
        let (ui, seen) = Ui::for_test(is_terminal);
        ui.data(message).unwrap();
        ui.note(message);
        let seen = lock(&seen).clone();
        assert_eq!((seen.out.as_str(), seen.err.trim_end_matches('\n')), (wanted, wanted));
    }
}

#[test]
fn the_command_line_wins_over_the_environment_and_no_color_over_force() {
    let colour = |pairs: &[(&str, &'static str)], asked| {
        let pairs = pairs.to_vec();
        let find = move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        Ui::for_process(find, asked).out.colour
    };
    // A test has no terminal.
    assert!(!colour(&[], Colour::Auto));
    assert!(colour(&[("CLICOLOR_FORCE", "1")], Colour::Auto));
    assert!(!colour(&[("CLICOLOR_FORCE", "0")], Colour::Auto));
    assert!(!colour(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], Colour::Auto));
    assert!(colour(&[("NO_COLOR", "1")], Colour::Always));
    assert!(!colour(&[("CLICOLOR_FORCE", "1")], Colour::Never));
}

/// The lines of a terminal that was given this, blank ones at the end left out.
fn lines_of(screen: &str) -> Vec<String> {
    let mut terminal = vt100::Parser::new(50.try_into().unwrap(), 80.try_into().unwrap(), 0);
    terminal.process(screen.replace('\n', "\r\n").as_bytes());
    let text = terminal.screen().contents();
    text.lines().map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn lines_that_are_written_while_a_spinner_turns_are_all_that_stays() {
    let turn = std::time::Duration::from_millis(450);
    let (mut ui, seen) = Ui::for_test(true);
    ui.can_draw = true;
    {
        let _outer = ui.spinner("outer");
        std::thread::sleep(turn);
        ui.warning("the first try failed");
        {
            let _inner = ui.spinner("inner\u{1b}[2J");
            std::thread::sleep(turn);
            ui.data("NAME\tREADY\napp").unwrap();
            let held = lock(&seen).screen.len();
            std::thread::sleep(turn);
            assert_eq!(lock(&seen).screen.len(), held, "drawn into a line that has not ended");
            ui.data("\tTrue\n").unwrap();
        }
        std::thread::sleep(turn);
        ui.success("done");
        std::thread::sleep(turn);
        let drawn = lines_of(&lock(&seen).screen);
        assert!(drawn.last().is_some_and(|line| line.ends_with(" outer")), "{drawn:?}");
    }
    let quick = ui.spinner("quick");
    drop(quick);
    std::thread::sleep(turn);
    let seen = lock(&seen).clone();
    for shown in ["⠋ outer", " inner^[[2J"] {
        assert!(seen.screen.contains(shown), "{shown}: {:?}", seen.screen);
    }
    assert!(!seen.screen.contains("quick"), "{:?}", seen.screen);
    let wanted = ["⚠️ the first try failed", "NAME    READY", "app     True", "✔ done"];
    assert_eq!(lines_of(&seen.screen), wanted, "{:?}", seen.screen);
    assert_eq!(seen.err, "⚠️ the first try failed\n✔ done\n");
}

#[test]
fn a_table_is_painted_in_its_place_until_something_else_is_written() {
    let (ui, seen) = Ui::for_test(true);
    let paint = |text: &str| {
        let mut painted = Painted::new(false);
        painted.push_plain(text);
        ui.repaint(&painted, painted.height()).unwrap();
        lines_of(&lock(&seen).screen)
    };
    paint("NAME\none\n");
    assert_eq!(paint("NAME\none\ntwo\n"), ["NAME", "one", "two"]);
    assert_eq!(paint("NAME\n"), ["NAME"]);
    ui.warning("a connection broke");
    assert_eq!(paint("NAME\none\n"), ["NAME", "⚠️ a connection broke", "NAME", "one"]);
}

#[test]
fn an_error_is_one_line_followed_by_its_hints() {
    use crate::text::WithHint;
    let (ui, seen) = Ui::for_test(false);
    let failed: anyhow::Result<()> = Err(anyhow::anyhow!("no such thing \"x\"")).hint("make one");
    ui.error(&failed.unwrap_err());
    assert_eq!(lock(&seen).err, "✗ no such thing \"x\"\nhint: make one\n");
}
