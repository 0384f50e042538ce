//! Where the command is among the words of a line, before anything of it is parsed.

use clap::Arg;
use clap::ArgAction;
use std::ffi::OsString;

/// Where the command is among the words: the first that is neither a flag nor the value of one, as cobra finds it.
pub fn command_at(root: &clap::Command, words: &[OsString]) -> Option<usize> {
    let mut at = 0;
    while at < words.len() {
        let word = words[at].to_str()?;
        let takes_next = match word.strip_prefix("--") {
            Some("") => return None,
            Some(flag) => !flag.contains('=') && takes_value(root, |arg| arg.get_long() == Some(flag)),
            None => {
                let mut letters = word.strip_prefix('-').unwrap_or_default().chars();
                let letter = letters.next().filter(|_| letters.next().is_none());
                letter.is_some() && takes_value(root, |arg| arg.get_short() == letter)
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
fn takes_value(root: &clap::Command, is_it: impl Fn(&Arg) -> bool) -> bool {
    root.get_arguments()
        .find(|arg| is_it(arg))
        .is_none_or(|arg| matches!(arg.get_action(), ArgAction::Set | ArgAction::Append))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_the_first_word_that_belongs_to_no_flag() {
        let root = clap::Command::new("flux")
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
            assert_eq!(command_at(&root, &words), at, "{line}");
        }
    }
}
