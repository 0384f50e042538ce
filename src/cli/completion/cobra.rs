//! Answers shells that hold the Flux CLI's own completion script: it asks `__complete <words> <word at hand>` for lines of candidates, and
//! what to do with them (cobra's protocol). The candidates are those of every other shell.

use super::Line;
use super::answer::set_line;
use super::line::Read;
use crate::cli::Env;
use crate::cli::Tree;
use crate::cli::named_by;
use crate::cli::plugins;
use crate::cli::takes_next;
use crate::ui::Colour;
use crate::ui::Ui;
use clap::Arg;
use clap_complete::ArgValueCandidates;
use clap_complete::ArgValueCompleter;
use std::ffi::OsString;
use std::process::Command;
use std::process::ExitCode;
use std::process::Stdio;

const WITH_DESCRIPTIONS: &str = "__complete";
const WITHOUT_DESCRIPTIONS: &str = "__completeNoDesc";

/// Bits of the last line.
const NO_SPACE: u8 = 2;
const NO_FILES: u8 = 4;

/// Answers the shell, if it is such a shell that asks.
pub fn answer_cobra(
    tree: Tree,
    program: &'static str,
    arguments: &[OsString],
    env: &Env,
    read: Read,
) -> Option<ExitCode> {
    let asked = arguments.get(1)?;
    let is_described = asked == WITH_DESCRIPTIONS;
    if !is_described && asked != WITHOUT_DESCRIPTIONS {
        return None;
    }
    let ui = Ui::for_process(|name| env.get(name), Colour::Never);
    let [words @ .., last] = &arguments[2..] else {
        ui.failure("requires at least 1 arg(s), only received 0");
        return Some(ExitCode::FAILURE);
    };
    let undescribed = |line: String| match line.split_once('\t').filter(|_| !is_described) {
        Some((value, _)) => value.to_owned(),
        None => line,
    };
    let answered = match of_plugin(tree, program, env, &arguments[2..]) {
        Some(answer) => {
            answer.map(|(lines, directive)| (lines.into_iter().map(undescribed).collect(), directive))
        }
        None => of_tree(tree, program, &arguments[2..], env, read, is_described),
    };
    let Some((mut lines, directive)) = answered else { return Some(ExitCode::FAILURE) };
    if words.is_empty() {
        let typed = last.to_string_lossy();
        let named = plugins::all(tree, env).into_iter().filter(|plugin| plugin.name.starts_with(&*typed));
        lines.extend(named.map(|plugin| match is_described {
            true => format!("{name}\tRuns the {name} plugin", name = plugin.name),
            false => plugin.name,
        }));
    }
    lines.push(format!(":{directive}"));
    let written = ui.data(&(lines.join("\n") + "\n"));
    ui.note(&format!("Completion ended with directive: {}", name_of(directive)));
    Some(if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Lines, and the directive below them; `None` if there is no answer.
type Answer = Option<(Vec<String>, u8)>;

fn of_tree(
    tree: Tree,
    program: &'static str,
    words: &[OsString],
    env: &Env,
    read: Read,
    is_described: bool,
) -> Answer {
    let line: Vec<OsString> = std::iter::once(program.into()).chain(words.iter().cloned()).collect();
    // The other shells send the line behind dashes.
    let sent: Vec<OsString> = [program.into(), "--".into()].into_iter().chain(line.clone()).collect();
    set_line(|| Line::new(tree, program, &sent, env, read));
    let alone = words.first().filter(|_| words.len() > 1).and_then(|word| word.to_str());
    let mut command = tree.with(program, alone);
    let at = line.len() - 1;
    let found = clap_complete::engine::complete(&mut command, line, at, None).ok()?;
    let typed = words.last()?.to_string_lossy();
    let mut lines = Vec::new();
    for candidate in found {
        let value = candidate.get_value().to_string_lossy().into_owned();
        // Flags are offered once a dash is typed.
        if value.starts_with('-') && !typed.starts_with('-') {
            continue;
        }
        let about = candidate.get_help().map(ToString::to_string).unwrap_or_default();
        match about.lines().next().filter(|_| is_described) {
            Some(about) => lines.push(format!("{value}\t{about}")),
            None => lines.push(value),
        }
    }
    let is_unfinished =
        |line: &String| line.split('\t').next().is_some_and(|value| value.ends_with(['/', '=']));
    let directive = if lines.iter().any(is_unfinished) {
        NO_FILES | NO_SPACE
    } else if lines.is_empty() && may_be_file(&command, words) {
        0
    } else {
        NO_FILES
    };
    Some((lines, directive))
}

/// Whether the last word may be anything: the value of an argument that nothing completes. The shell then offers files.
fn may_be_file(root: &clap::Command, words: &[OsString]) -> bool {
    let Some((last, before)) = words.split_last() else { return false };
    let command = named_by(root, before);
    let flag = |word: &str| {
        let name = word.strip_prefix("--");
        let letter =
            word.strip_prefix('-').filter(|_| name.is_none()).and_then(|letters| letters.chars().last());
        let is_it = |arg: &&Arg| match name {
            Some(name) => arg.get_long() == Some(name),
            None => letter.is_some() && arg.get_short() == letter,
        };
        command.get_arguments().chain(root.get_arguments()).find(is_it).filter(|arg| takes_next(arg))
    };
    let last = last.to_string_lossy();
    if let Some((name, _)) = last.split_once('=').filter(|(name, _)| name.starts_with('-')) {
        return flag(name).is_some_and(|arg| !is_completed(arg));
    }
    if last.starts_with('-') {
        return false;
    }
    match before.last().and_then(|word| flag(word.to_str()?)) {
        Some(arg) => !is_completed(arg),
        None => !command.has_subcommands() && !command.get_positionals().any(is_completed),
    }
}

/// Whether someone knows what the argument can be.
fn is_completed(arg: &Arg) -> bool {
    arg.get::<ArgValueCandidates>().is_some()
        || arg.get::<ArgValueCompleter>().is_some()
        || !arg.get_possible_values().is_empty()
}

/// What the plugin says whose words these are. `None` within if it fails.
fn of_plugin(tree: Tree, program: &'static str, env: &Env, words: &[OsString]) -> Option<Answer> {
    let (_, before) = words.split_last()?;
    let (plugin, arguments) = plugins::named(tree, program, before, env)?;
    let mut command = Command::new(&plugin.path);
    command.arg(WITH_DESCRIPTIONS).args(arguments).args(words.last());
    command.stdin(Stdio::null()).stderr(Stdio::null());
    Some(command.output().ok().filter(|output| output.status.success()).and_then(|output| {
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines: Vec<String> =
            said.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let directive = lines.pop()?.strip_prefix(':')?.parse().ok()?;
        Some((lines, directive))
    }))
}

/// The directive in cobra's words.
fn name_of(directive: u8) -> String {
    const NAMES: [&str; 6] = ["Error", "NoSpace", "NoFileComp", "FilterFileExt", "FilterDirs", "KeepOrder"];
    let set = NAMES.iter().enumerate().filter(|(bit, _)| directive & (1 << bit) != 0);
    let names: Vec<String> = set.map(|(_, name)| format!("ShellCompDirective{name}")).collect();
    if names.is_empty() { "ShellCompDirectiveDefault".to_owned() } else { names.join(", ") }
}
