//! Odd YAML documents, from a seed: what people write, what machines write, and what comes of a slip of the hand.

use super::pieces::KEYS;
use super::pieces::LINES;
use super::pieces::ODD_KEYS;
use super::pieces::PLAIN;
use super::pieces::QUOTED;
use super::pieces::WRONG;

/// A source of numbers that are the same for the same seed.
pub struct Dice {
    state: u64,
    /// Without what kustomize itself writes in a way in which it cannot read it again: comments inside of brackets, or behind a block that keeps its newlines.
    is_tame: bool,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1, is_tame: false }
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 11).unwrap_or_default() % limit
    }

    pub fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    pub fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// Without quotes.
fn plain<'a>(dice: &mut Dice) -> &'a str {
    if dice.one_in(15) { dice.pick(WRONG) } else { dice.pick(PLAIN) }
}

fn key<'a>(dice: &mut Dice) -> &'a str {
    if dice.one_in(15) && !dice.is_tame { dice.pick(ODD_KEYS) } else { dice.pick(KEYS) }
}

/// A document.
pub fn document(seed: u64) -> String {
    let dice = &mut Dice::new(seed);
    let mut text = String::new();
    if dice.one_in(20) {
        text.push_str(dice.pick(&[
            "%YAML 1.1\n---\n",
            "%YAML 1.2\n---\n",
            "%TAG !x! tag:x,2024:\n---\n",
            "--- # c\n",
            "---\n",
            "\u{feff}",
            "# c\n",
            "\n\n",
            "...\n",
            "--- ",
            "%FOO\n---\n",
            "\t\n",
            "# a\n\t# b\n",
            "# a\n \t # b\n\n",
        ]));
    }
    block(dice, &mut text, 0, 0);
    if dice.one_in(12) {
        text.push_str(dice.pick(&[
            "---\nb: 2\n",
            "...\n",
            "---\n",
            "x",
            "# end",
            "\n\n",
            "--- |\n a\n",
            " ",
            "\t",
            "...\n%YAML 1.1\n---\na",
            "]",
            "---\n- [\n",
        ]));
    }
    if dice.one_in(4) {
        slip(dice, &mut text);
    }
    if dice.one_in(4) && text.ends_with('\n') {
        text.pop();
    }
    if dice.one_in(15) {
        text = text.replace('\n', "\r\n");
    }
    text
}

/// The document as the fields of a Kubernetes object, for programs that read nothing else.
pub fn object(seed: u64) -> String {
    let dice = &mut Dice { is_tame: true, ..Dice::new(seed) };
    let mut text = "apiVersion: example.com/v1\nkind: Odd\nmetadata:\n  name: odd\n".to_owned();
    for _ in 0..=dice.below(3) {
        let name = dice.pick(&["spec", "data", "more", "text"]);
        text.push_str(name);
        text.push_str(&format!("{}:", dice.below(100)));
        value(dice, &mut text, 0, 1);
    }
    if dice.one_in(6) {
        let from = text.find("odd\n").unwrap_or_default() + 4;
        let mut tail = text.split_off(from);
        slip(dice, &mut tail);
        text.push_str(&tail);
    }
    if dice.one_in(4) && text.ends_with('\n') {
        text.pop();
    }
    text
}

fn block(dice: &mut Dice, text: &mut String, indent: usize, depth: usize) {
    let is_sequence = dice.one_in(4);
    for _ in 0..=dice.below(3) {
        if dice.one_in(12) {
            text.push_str(dice.pick(&["# a comment\n", "\n", "   # deeper\n", "\t# behind a tab\n", "  \n"]));
        }
        text.push_str(&" ".repeat(indent));
        if is_sequence {
            text.push('-');
        } else {
            let key = key(dice);
            text.push_str(key);
            text.push_str(if dice.one_in(30) { dice.pick(&[" :", "", ": :", ":\t", "\n:"]) } else { ":" });
        }
        value(dice, text, indent, depth + 1);
    }
}

fn value(dice: &mut Dice, text: &mut String, indent: usize, depth: usize) {
    if dice.one_in(25) {
        text.push_str(dice.pick(&[" &a", " !!str", " !!map", " &b !t", "\t", "  ", " &a\n"]));
    }
    match dice.below(if depth > 3 { 8 } else { 11 }) {
        0..=2 => {
            let plain = plain(dice);
            text.push_str(&format!(" {plain}"));
        }
        3 => {
            let (first, second) = (plain(dice), plain(dice));
            let margin = " ".repeat((indent + dice.below(4)).saturating_sub(1));
            let gap = dice.pick(&["\n", "\n", "\n\n", " \n", "\n\t", "\n# c\n"]);
            text.push_str(&format!(" {first}{gap}{margin}{second}"));
        }
        4 | 5 => {
            let quoted = dice.pick(QUOTED);
            text.push_str(&format!(" {quoted}"));
        }
        6 => scalar_block(dice, text, indent),
        7 => {
            text.push(' ');
            flow(dice, text, 0);
        }
        _ => {
            text.push_str(dice.pick(&["\n", "\n", "\n", " # c\n", " ", "\n\n"]));
            let deeper = indent + dice.pick(&["", " ", "  ", "  ", "  ", "    "]).len();
            block(dice, text, deeper, depth);
            return;
        }
    }
    text.push_str(dice.pick(&["\n", "\n", "\n", "\n", " # c\n", "#c\n", " \n", "\t# c\n", "\n\n"]));
}

/// A literal or folded block.
pub fn scalar_block(dice: &mut Dice, text: &mut String, indent: usize) {
    let header = dice.pick(&[
        "|", "|-", "|+", ">", ">-", ">+", "|2", ">2-", ">", "|1", "| # c", ">+2", "|-2", ">-", "|\t",
    ]);
    let header = if dice.is_tame { header.replace('+', "") } else { header.to_owned() };
    text.push_str(&format!(" {header}"));
    let margin = " ".repeat(indent + dice.pick(&["  ", "  ", "  ", " ", "", "    "]).len());
    for _ in 0..=dice.below(5) {
        let line = dice.pick(LINES);
        text.push('\n');
        if !line.is_empty() || dice.one_in(3) {
            text.push_str(&margin);
            text.push_str(line);
        }
    }
}

fn flow(dice: &mut Dice, text: &mut String, depth: usize) {
    let is_sequence = dice.one_in(2);
    text.push(if is_sequence { '[' } else { '{' });
    for index in 0..dice.below(4) {
        if index > 0 {
            let gaps = [",", ", ", " ,", ",\n", ",\n  ", " ", ", # c\n "];
            text.push_str(dice.pick(&gaps[..gaps.len() - usize::from(dice.is_tame)]));
        }
        if !is_sequence || dice.one_in(8) {
            let key = key(dice);
            let colon = dice.pick(&[": ", ": ", ": ", ":", " : ", "", ":\n ", "\n: "]);
            text.push_str(&format!("{key}{colon}"));
        }
        match dice.below(5) {
            0 | 1 => text.push_str(plain(dice)),
            2 => text.push_str(dice.pick(QUOTED)),
            3 if depth < 3 => flow(dice, text, depth + 1),
            _ => {}
        }
    }
    text.push_str(dice.pick(&["", "", "", ",", "\n", " "]));
    text.push(if is_sequence != dice.one_in(40) { ']' } else { '}' });
}

/// One wrong, missing or surplus character.
fn slip(dice: &mut Dice, text: &mut String) {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    if places.is_empty() {
        return;
    }
    let at = places[dice.below(places.len())];
    match dice.below(4) {
        0 => {
            text.remove(at);
        }
        1 => text.truncate(at),
        _ => {
            let odd = dice.pick(&[
                " ", "\t", "\n", ":", "- ", "#", " #", "'", "\"", "[", "]", "{", "}", ",", "&", "*", "!",
                "|", ">", "%", "@", "\r", "\u{85}", "\u{2028}", "\u{feff}", "\\", "? ", ": ", "\u{7}",
                "\u{0}", "\u{7f}", "---", "\n---\n", "\n...\n", "<<: ", "é", "\u{fffe}", "\r\n",
            ]);
            text.insert_str(at, odd);
        }
    }
}
