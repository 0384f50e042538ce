//! The tree of commands as the parser, help and completion see it.

use super::go_flags::with_go_flags;
use super::go_flags::with_go_types;
use super::go_flags::with_ignored_words;
use super::secret_flags::with_siblings;
use super::words::command_at;
use super::words::names_first;
use clap::Command;
use std::ffi::OsString;

/// Flags that say all that there is to say without a command.
const ROOT_FLAGS: [&str; 4] = ["--version", "-v", "--help", "-h"];

/// The commands of the program, described to what knows none of them.
#[derive(Clone, Copy)]
pub struct Tree {
    /// What the program is, in one line.
    pub about: &'static str,
    /// The examples of the program's own help.
    pub examples: &'static str,
    /// The root, with the flags of the whole program and without a command.
    pub root: fn(&'static str) -> Command,
    /// Adds all commands to the root.
    pub all: fn(Command) -> Command,
    /// The command that a word names, with all that is below it.
    pub one: fn(&str) -> Option<Command>,
    /// Whether a word names a command.
    pub has: fn(&str) -> bool,
    /// The commands by what they are for, each group with its title.
    pub groups: &'static [(&'static str, &'static [&'static str])],
    /// The exit code for a wrong command line, by the names of the command from the root down.
    pub usage_code: fn(&[String]) -> u8,
    /// The line of `--version`, for the name that the program was called by.
    pub banner: fn(&'static str) -> String,
}

impl Tree {
    /// All commands, as they are parsed.
    pub fn whole(self, program: &'static str) -> Command {
        with_go_flags(shaped(self.with_all(program)))
    }

    /// The tree with one command only. To build all of them takes longer than most commands run.
    pub fn with_one(self, program: &'static str, word: &str) -> Option<Command> {
        Some(self.alone(program, (self.one)(word)?))
    }

    /// The tree with the command that a word names, or with all of them.
    pub fn with(self, program: &'static str, word: Option<&str>) -> Command {
        word.and_then(|word| self.with_one(program, word)).unwrap_or_else(|| self.whole(program))
    }

    /// The tree that a line needs: its command, all commands where it names none of them, and none for the root's own flags. And the line as
    /// that tree reads it, which is with the names of the command in front.
    pub fn for_line(self, program: &'static str, arguments: &[OsString]) -> (Command, Vec<OsString>) {
        let words = arguments.get(1..).unwrap_or_default();
        let root = self.bare(program);
        if words.iter().all(|word| ROOT_FLAGS.iter().any(|flag| word == flag)) {
            return (with_go_flags(shaped(root)), arguments.to_vec());
        }
        let is_first = words.first().and_then(|word| word.to_str()).is_some_and(self.has);
        let at = if is_first { Some(0) } else { command_at(&[&root], words) };
        let Some(at) = at else { return (self.whole(program), arguments.to_vec()) };
        let Some(command) = words[at].to_str().and_then(self.one) else {
            let mut line = arguments.to_vec();
            // A word that names no command is told before a flag that nothing has.
            if !words.iter().any(|word| word == "--help" || word == "-h") {
                line[1..=at + 1].rotate_right(1);
            }
            return (self.whole(program), line);
        };
        let (words, depth) = names_first(&root, &command, words, at);
        let command = on_the_way(command, &words[1..depth]);
        let line = arguments.iter().take(1).chain(words).cloned().collect();
        (with_go_flags(shaped(root.subcommand(command))), line)
    }

    /// All commands, or only the named one, without Go's flag habits; `cut` removes the parts that are not shown.
    pub fn for_reading(
        self,
        program: &'static str,
        word: Option<&str>,
        cut: impl FnOnce(Command) -> Command,
    ) -> Command {
        let alone = word.and_then(self.one).map(|command| self.bare(program).subcommand(command));
        with_go_types(shaped(cut(alone.unwrap_or_else(|| self.with_all(program)))))
    }

    /// The root for reading, without its commands.
    pub fn alone_for_reading(self, program: &'static str) -> Command {
        with_go_types(shaped(self.described(self.bare(program))))
    }

    fn alone(self, program: &'static str, command: Command) -> Command {
        with_go_flags(shaped(self.bare(program).subcommand(command)))
    }

    fn bare(self, program: &'static str) -> Command {
        (self.root)(program).bin_name(program)
    }

    fn with_all(self, program: &'static str) -> Command {
        self.described((self.all)(self.bare(program)))
    }

    fn described(self, root: Command) -> Command {
        root.about(self.about).after_help(self.examples)
    }
}

/// A command without what is beside the named one below it: only its names stay, for a group of many commands takes long to shape.
fn on_the_way(command: Command, names: &[&OsString]) -> Command {
    let Some((name, rest)) = names.split_first() else { return command };
    let named = command.find_subcommand(name).map(|named| named.get_name().to_owned());
    command.mut_subcommands(|below| match named.as_deref() == Some(below.get_name()) {
        true => on_the_way(below, rest),
        false => Command::new(&*below.get_name().to_owned().leak()).hide(below.is_hide_set()),
    })
}

fn shaped(root: Command) -> Command {
    with_ignored_words(with_siblings(root).args_override_self(true).disable_help_subcommand(true))
}

#[cfg(test)]
mod tests {
    use super::super::help_text::plainly_asked;
    use super::*;

    fn one(word: &str) -> Option<Command> {
        let below = ["a", "b"].map(|name| Command::new(name).arg(clap::Arg::new("flag")));
        ["get", "set"].iter().find(|name| **name == word).map(|name| Command::new(*name).subcommands(below))
    }

    const TREE: Tree = Tree {
        about: "",
        examples: "",
        root: |name| Command::new(name).arg(clap::Arg::new("namespace").short('n')),
        all: |root| root.subcommand(Command::new("get")).subcommand(Command::new("set")),
        one,
        has: |word| one(word).is_some(),
        groups: &[],
        usage_code: |_| 1,
        banner: |_| String::new(),
    };

    #[test]
    fn a_line_needs_its_own_command_only() {
        for (line, wanted) in [
            ("", [].as_slice()),
            ("--version", &[]),
            ("-h", &[]),
            ("get", &["get"]),
            ("get --help", &["get"]),
            ("-n set get", &["get"]),
            ("-n set", &["get", "set"]),
            ("gett", &["get", "set"]),
            ("--unknown", &["get", "set"]),
            ("-x set get", &["get"]),
        ] {
            let words: Vec<OsString> =
                std::iter::once("flux").chain(line.split_whitespace()).map(OsString::from).collect();
            let root = TREE.for_line("flux", &words).0;
            let names: Vec<&str> = root.get_subcommands().map(Command::get_name).collect();
            assert_eq!(names, wanted, "{line}");
        }
    }

    #[test]
    fn a_group_keeps_only_the_names_of_what_the_line_does_not_name() {
        for (line, whole) in [
            ("get a", [true, false].as_slice()),
            ("get b --x", &[false, true]),
            ("get x", &[true, true]),
            ("get -n a", &[true, true]),
        ] {
            let words: Vec<OsString> =
                std::iter::once("flux").chain(line.split_whitespace()).map(OsString::from).collect();
            let root = TREE.for_line("flux", &words).0;
            let group = root.find_subcommand("get").unwrap();
            let below: Vec<bool> = group
                .get_subcommands()
                .map(|below| below.get_arguments().any(|arg| arg.get_id() == "flag"))
                .collect();
            assert_eq!(below, whole, "{line}");
        }
    }

    #[test]
    fn a_line_of_names_and_the_flag_asks_for_help() {
        for (line, asked) in [
            ("--help", Some(([].as_slice(), true))),
            ("-h", Some((&[], false))),
            ("get -h", Some((&["get"], false))),
            ("get a --help", Some((&["get", "a"], true))),
            ("get a -h --help", Some((&["get", "a"], true))),
            ("get x --help", None),
            ("gett --help", None),
            ("get --help a", None),
            ("-n set get --help", None),
            ("get a", None),
        ] {
            let words: Vec<OsString> =
                std::iter::once("flux").chain(line.split_whitespace()).map(OsString::from).collect();
            let asked =
                asked.map(|(path, is_long)| (path.iter().copied().map(str::to_owned).collect(), is_long));
            assert_eq!(plainly_asked(TREE, &words), asked, "{line}");
        }
    }
}
