//! Where the command is among the words of a line, before anything of it is parsed.

use clap::Arg;
use clap::Command;
use std::ffi::OsStr;
use std::ffi::OsString;

/// Where the command is among the words: the first that is neither a flag nor the value of one, as cobra finds it. `known` are the commands
/// whose flags count, from the root down.
pub fn command_at(known: &[&Command], words: &[impl AsRef<OsStr>]) -> Option<usize> {
    let mut at = 0;
    while at < words.len() {
        let word = words[at].as_ref().to_str()?;
        let takes_next = match word.strip_prefix("--") {
            Some("") => return None,
            Some(flag) => !flag.contains('=') && takes_value(known, |arg| arg.get_long() == Some(flag)),
            None => {
                let mut letters = word.strip_prefix('-').unwrap_or_default().chars();
                let letter = letters.next().filter(|_| letters.next().is_none());
                letter.is_some() && takes_value(known, |arg| arg.get_short() == letter)
            }
        };
        if !word.is_empty() && !word.starts_with('-') {
            return Some(at);
        }
        at += if takes_next { 2 } else { 1 };
    }
    None
}

/// A flag that is not known may have a value.
fn takes_value(known: &[&Command], is_it: impl Fn(&Arg) -> bool) -> bool {
    let mut arguments = known.iter().flat_map(|command| command.get_arguments());
    arguments.find(|arg| is_it(arg)).is_none_or(takes_next)
}

/// Whether the word behind a flag is its value.
pub fn takes_next(arg: &Arg) -> bool {
    arg.get_action().takes_values() && !arg.is_require_equals_set()
}

/// The deepest command that the words lead through, and the names on the way. Words after it are names of objects, or mistakes.
pub fn deepest<'a>(root: &'a Command, words: &[String]) -> (&'a Command, Vec<String>) {
    let (mut at, mut path) = (root, Vec::new());
    for word in words {
        let Some(found) = at.find_subcommand(word) else { break };
        path.push(found.get_name().to_owned());
        at = found;
    }
    (at, path)
}

/// The words with the names of the command in front, and how many names there are. Flags may appear before and between the names, also those of
/// the last one, which no other knows. `at` is where the first name is, and `command` what it names.
pub fn names_first<'a>(
    root: &Command,
    command: &Command,
    words: &'a [OsString],
    at: usize,
) -> (Vec<&'a OsString>, usize) {
    let mut rest: Vec<&OsString> = words.iter().collect();
    let mut names = vec![rest.remove(at)];
    walk(&mut vec![root, command], &mut names, &mut rest);
    let depth = names.len();
    names.extend(rest);
    (names, depth)
}

/// The command that the words name below the root, wherever flags are between them.
pub fn named_by<'c>(root: &'c Command, words: &[OsString]) -> &'c Command {
    let mut known = vec![root];
    walk(&mut known, &mut Vec::new(), &mut words.iter().collect());
    known.last().copied().unwrap_or(root)
}

/// Moves the names below the last of the known commands from the words to the names, and adds what they name to the known ones.
fn walk<'w>(known: &mut Vec<&Command>, names: &mut Vec<&'w OsString>, words: &mut Vec<&'w OsString>) {
    while let Some(last) = known.last().copied()
        && last.has_subcommands()
        && let Some(at) = command_at(known, words)
        && let Some(next) = last.find_subcommand(words[at])
    {
        names.push(words.remove(at));
        known.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ArgAction;

    #[test]
    fn the_command_is_the_first_word_that_belongs_to_no_flag() {
        let root = Command::new("flux")
            .arg(Arg::new("namespace").long("namespace").short('n'))
            .arg(Arg::new("verbose").long("verbose").action(ArgAction::SetTrue));
        for (line, at) in [
            ("tool a", Some(0)),
            ("--verbose tool", Some(1)),
            ("-n apps tool", Some(2)),
            ("--namespace=apps tool", Some(1)),
            ("--namespace apps tool --help", Some(2)),
            ("-napps tool", Some(1)),
            ("--unknown tool other", Some(2)),
            ("-- tool", None),
            ("--verbose", None),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(command_at(&[&root], &words), at, "{line}");
        }
    }

    #[test]
    fn flags_may_precede_the_names_of_the_command() {
        let flag = |name: &'static str| Arg::new(name).long(name);
        let switch = |name: &'static str| flag(name).action(ArgAction::SetTrue);
        let root = Command::new("flux").arg(flag("namespace").short('n'));
        let git = Command::new("git").arg(flag("branch"));
        let source = Command::new("source").subcommand(git);
        let create = Command::new("create").arg(switch("export")).subcommand(source);
        for (line, wanted, depth) in [
            ("create source git app --branch main", "create source git app --branch main", 3),
            ("create --branch main source git app", "create source git --branch main app", 3),
            ("--branch=main create source git app", "create source git --branch=main app", 3),
            ("-n apps create --export source git app", "create source git -n apps --export app", 3),
            ("create --unknown source git app", "create --unknown source git app", 1),
            ("create source -- git", "create source -- git", 2),
            ("create source app git", "create source app git", 2),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let at = command_at(&[&root], &words).unwrap();
            let (seen, names) = names_first(&root, &create, &words, at);
            let seen: Vec<&str> = seen.iter().filter_map(|word| word.to_str()).collect();
            assert_eq!((seen.join(" ").as_str(), names), (wanted, depth), "{line}");
            let whole = root.clone().subcommand(create.clone());
            let last = wanted.split(' ').nth(depth - 1).unwrap();
            assert_eq!(named_by(&whole, &words).get_name(), last, "{line}");
        }
    }
}
