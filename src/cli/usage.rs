//! Usage errors in the Flux CLI's wording: one line, exit code 1, and help for a group without a word.

use super::words::deepest;
use super::words::takes_next;
use crate::text::quoted;
use crate::text::whole_first_line;
use clap::Arg;
use clap::Command;
use clap::error::ContextKind;
use clap::error::ContextValue;
use clap::error::ErrorKind;

/// What to do about a command line that clap did not take.
#[derive(Debug, PartialEq, Eq)]
pub enum Usage {
    /// Print the help of what was named on stdout; all is well.
    Help,
    /// A wrong command line, in one line.
    Wrong(String),
}

/// Translates clap's error. `words` are the arguments without the program's name.
pub fn explain(error: &clap::Error, root: &Command, words: &[String]) -> Usage {
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::MissingSubcommand => Usage::Help,
        ErrorKind::InvalidSubcommand => unknown_word(error, root, words),
        ErrorKind::UnknownArgument => unknown_argument(error, root, words),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => wrong_value(error, root, words),
        _ => Usage::Wrong(words_of(error)),
    }
}

/// The only word that a command takes.
///
/// # Errors
/// None, or more than one, in cobra's words.
pub fn one_word(words: &[String]) -> anyhow::Result<&str> {
    match words {
        [word] => Ok(word),
        _ => anyhow::bail!("accepts 1 arg(s), received {}", words.len()),
    }
}

/// The word of a command that takes one at most.
///
/// # Errors
/// More than one, in cobra's words.
pub fn word_at_most(words: &[String]) -> anyhow::Result<Option<&str>> {
    anyhow::ensure!(words.len() <= 1, "accepts at most 1 arg(s), received {}", words.len());
    Ok(words.first().map(String::as_str))
}

/// The names of the command that the words name, from the root down.
pub fn path_of(root: &Command, words: &[String]) -> Vec<String> {
    deepest(root, words).1
}

/// At the top and below a group: what the command is called, and those that are called alike.
fn unknown_word(error: &clap::Error, root: &Command, words: &[String]) -> Usage {
    let word = text_of(error, ContextKind::InvalidSubcommand).unwrap_or_default();
    unknown_command(deepest(root, words).0, &word)
}

fn unknown_command(group: &Command, word: &str) -> Usage {
    let path = group.get_bin_name().unwrap_or_else(|| group.get_name());
    Usage::Wrong(format!("unknown command \"{word}\" for \"{path}\"{}", similar_commands(group, word)))
}

/// The question whether one of the names within two edits was meant, or of those that begin with the word: cobra's rule and words for
/// suggestions. Empty if there are none.
pub fn similar_commands(group: &Command, word: &str) -> String {
    let lower = word.to_lowercase();
    let names = group.get_subcommands().filter(|command| !command.is_hide_set()).map(Command::get_name);
    let alike: String = names
        .filter(|name| edits(&lower, name) <= 2 || name.starts_with(&lower))
        .map(|name| format!("\t{name}\n"))
        .collect();
    if alike.is_empty() { alike } else { format!("\n\nDid you mean this?\n{alike}") }
}

/// Levenshtein distance in characters.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let changed = corner + usize::from(a != *b);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[to.len()]
}

fn unknown_argument(error: &clap::Error, root: &Command, words: &[String]) -> Usage {
    let given = text_of(error, ContextKind::InvalidArg).unwrap_or_default();
    if let Some(long) = given.strip_prefix("--") {
        let name = long.split('=').next().unwrap_or(long);
        return Usage::Wrong(format!("unknown flag: --{name}"));
    }
    if let Some(letters) = given.strip_prefix('-') {
        let letter = letters.chars().next().unwrap_or('-');
        let (command, path) = deepest(root, words);
        let rest = from_unknown_letter(command, &words[path.len()..], letter).unwrap_or(letters);
        return Usage::Wrong(format!("unknown shorthand flag: '{letter}' in -{rest}"));
    }
    unknown_command(deepest(root, words).0, &given)
}

/// The first letters of flags of a line from the one on that no flag has: what pflag shows of them. What a flag takes as its value is not shown.
fn from_unknown_letter<'a>(command: &Command, words: &'a [String], unknown: char) -> Option<&'a str> {
    let takes_value = |is_it: &dyn Fn(&Arg) -> bool| {
        let known = command.get_arguments().find(|arg| is_it(arg));
        known.is_some_and(takes_next)
    };
    let mut words = words.iter().take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if let Some(flag) = word.strip_prefix("--") {
            if takes_value(&|arg| arg.get_long() == Some(flag)) {
                words.next();
            }
            continue;
        }
        let Some(letters) = word.strip_prefix('-') else { continue };
        for (at, letter) in letters.char_indices() {
            if letter == unknown {
                return Some(&letters[at..]);
            }
            if takes_value(&|arg| arg.get_short() == Some(letter)) {
                if letters.len() == at + letter.len_utf8() {
                    words.next();
                }
                break;
            }
        }
    }
    None
}

fn wrong_value(error: &clap::Error, root: &Command, words: &[String]) -> Usage {
    let value = text_of(error, ContextKind::InvalidValue).unwrap_or_default();
    let argument = text_of(error, ContextKind::InvalidArg).unwrap_or_default();
    let long = argument
        .split(['=', ' ', '['])
        .find(|part| part.starts_with("--"))
        .unwrap_or(&argument)
        .trim_start_matches("--")
        .to_owned();
    let (command, _) = deepest(root, words);
    let short = command
        .get_arguments()
        .find(|candidate| candidate.get_long() == Some(long.as_str()))
        .and_then(clap::Arg::get_short);
    // clap has no word for a flag at the end of the line without its value; it reports an empty value.
    let missing =
        value.is_empty() && !words.iter().any(|word| word == &format!("--{long}=") || word.is_empty());
    if missing {
        return Usage::Wrong(match short {
            Some(letter) if words.last().is_some_and(|word| *word == format!("-{letter}")) => {
                format!("flag needs an argument: '{letter}' in -{letter}")
            }
            _ => format!("flag needs an argument: --{long}"),
        });
    }
    let flag = match short {
        Some(letter) => format!("-{letter}, --{long}"),
        None => format!("--{long}"),
    };
    let reason = std::error::Error::source(error).map(ToString::to_string).unwrap_or_else(|| words_of(error));
    Usage::Wrong(format!("invalid argument {} for \"{flag}\" flag: {reason}", quoted(&value)))
}

fn text_of(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.first().cloned(),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        _ => None,
    }
}

fn words_of(error: &clap::Error) -> String {
    whole_first_line(&error.render().to_string()).trim_start_matches("error: ").to_owned()
}
