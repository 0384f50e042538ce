//! The comments of a document, each with the entry that it is written at.

use super::lines::Step;
use super::parse::Parser;
use super::place::Place;
use super::scan::Dialect;
use super::scan::ScalarStyle;
use super::tree::Layout;
use super::tree::Tree;
use std::collections::HashMap;

/// Comments by the path of a field or an item.
#[derive(Debug, Default)]
pub struct Comments {
    above: HashMap<Vec<Step>, Vec<String>>,
    behind: HashMap<Vec<Step>, String>,
    /// Below the last entry.
    end: Vec<String>,
}

/// A field or an item, by where its key or its `-` is.
struct Entry {
    path: Vec<Step>,
    line: usize,
    column: usize,
    /// Whether a comment on its line is behind all that it has there.
    can_have_comment: bool,
    /// An item without a value.
    is_blank: bool,
}

impl Comments {
    /// The comments of a text with one document. `None` if one of them is at no entry: inside of `[]`, behind the `-` of a list of mappings,
    /// or at another column than the entry below it.
    pub fn of(text: &str) -> Option<Self> {
        let mut parser = Parser::new(text, Dialect::Two).ok()?;
        parser.places();
        let tree = parser.document().ok()?;
        // The last comments are passed before the end is seen.
        let is_whole = parser.document().is_ok_and(|next| next.is_none());
        let marks = parser.comments().to_vec();
        if marks.is_empty() {
            return Some(Self::default());
        }
        if !is_whole || text.contains(['\t', '\r', '\u{feff}', '\u{85}', '\u{2028}', '\u{2029}']) {
            return None;
        }
        let lines: Vec<&str> = text.split('\n').collect();
        let entries = Walk::of(&lines, &tree?, parser.places().nodes);
        let mut comments = Self::default();
        for mark in marks {
            let line = lines.get(mark.line)?;
            if line.trim_start().starts_with('#') {
                comments.add_line(&lines, &entries, mark.line)?;
            } else {
                let entry =
                    entries.iter().rfind(|entry| entry.line == mark.line && entry.can_have_comment)?;
                comments.behind.insert(entry.path.clone(), line.chars().skip(mark.column).collect());
            }
        }
        Some(comments)
    }

    /// The lines above an entry, without their indentation.
    pub fn above(&self, path: &[Step]) -> &[String] {
        self.above.get(path).map_or(&[], Vec::as_slice)
    }

    /// The comment on the line of an entry.
    pub fn behind(&self, path: &[Step]) -> Option<&str> {
        self.behind.get(path).map(String::as_str)
    }

    /// The lines below the last entry.
    pub fn end(&self) -> &[String] {
        &self.end
    }

    /// How many entries have comments, those above it and the one on its line counted apart.
    pub fn count(&self) -> usize {
        self.above.len() + self.behind.len()
    }

    /// Adds a comment that has a line of its own. `None` where Go's library takes it for one of the entry above, or moves it.
    fn add_line(&mut self, lines: &[&str], entries: &[Entry], at: usize) -> Option<()> {
        let is_blank = |line: &str| line.trim().is_empty();
        let comment = lines[at].trim_start();
        let Some(next) = entries.iter().find(|entry| entry.line > at) else {
            let is_near = |last: &Entry| last.column > 0 || self.behind.contains_key(&last.path);
            let is_apart = at.checked_sub(1).is_some_and(|above| is_blank(lines[above]));
            let is_moved = entries.last().is_some_and(is_near) || is_apart != self.end.is_empty();
            if comment.len() < lines[at].len() || is_moved {
                return None;
            }
            self.end.extend(is_apart.then(String::new));
            self.end.push(comment.trim_end().to_owned());
            return Some(());
        };
        let is_first = entries.first().is_some_and(|first| first.line == next.line);
        let mut below = lines[at + 1..next.line].iter();
        let is_comment = |line: &&str| line.trim_start().starts_with('#');
        let stays = below.all(|line| is_comment(line) || is_first && is_blank(line));
        if lines[at].len() - comment.len() != next.column || next.is_blank || !stays {
            return None;
        }
        let above = self.above.entry(next.path.clone()).or_default();
        above.push(comment.trim_end().to_owned());
        above.extend(is_blank(lines[at + 1]).then(String::new));
        Some(())
    }
}

/// A walk along the nodes of a document and their places.
struct Walk {
    /// Where each line begins, in characters.
    lines: Vec<usize>,
    nodes: std::vec::IntoIter<Place>,
    path: Vec<Step>,
    found: Vec<Entry>,
}

impl Walk {
    /// The entries of a document that are not in `[]` or `{}`, in the order in which they are written.
    fn of(lines: &[&str], tree: &Tree, nodes: Vec<Place>) -> Vec<Entry> {
        let begin = |next: &mut usize, line: &&str| {
            let begins = *next;
            *next += line.chars().count() + 1;
            Some(begins)
        };
        let lines = lines.iter().scan(0, begin).collect();
        let mut walk = Self { lines, nodes: nodes.into_iter(), path: Vec::new(), found: Vec::new() };
        walk.node(tree);
        walk.found
    }

    fn node(&mut self, tree: &Tree) -> Place {
        let place = self.nodes.next().unwrap_or_default();
        match tree {
            Tree::Sequence(Layout::Block, items) => {
                for (at, item) in items.iter().enumerate() {
                    self.entry(Step::Item(at), None, item);
                }
            }
            Tree::Mapping(Layout::Block, fields) => {
                for (key, value) in fields {
                    let name = match key {
                        Tree::Scalar(leaf) => leaf.text.clone(),
                        _ => String::new(),
                    };
                    let key = self.node(key);
                    self.entry(Step::Field(name), Some(key), value);
                }
            }
            Tree::Sequence(Layout::Flow, items) => {
                for item in items {
                    self.node(item);
                }
            }
            Tree::Mapping(Layout::Flow, fields) => {
                for (key, value) in fields {
                    self.node(key);
                    self.node(value);
                }
            }
            Tree::Scalar(_) | Tree::Alias(_) => {}
        }
        place
    }

    fn entry(&mut self, step: Step, key: Option<Place>, value: &Tree) {
        self.path.push(step);
        let number = self.found.len();
        self.found.push(Entry {
            path: self.path.clone(),
            line: 0,
            column: 0,
            can_have_comment: false,
            is_blank: false,
        });
        let place = self.node(value);
        self.path.pop();
        let (line, column) = self.position(key.map_or(place.lead, |key| key.start));
        let inner = self.found.get(number + 1);
        let is_blank = key.is_none() && place.start == place.end;
        let can_have_comment = match value {
            Tree::Scalar(leaf) if matches!(leaf.style, ScalarStyle::Literal | ScalarStyle::Folded) => {
                self.position(place.start).0 == line
            }
            Tree::Sequence(Layout::Block, _) | Tree::Mapping(Layout::Block, _) => {
                key.is_some() && inner.is_some_and(|inner| inner.line > line)
            }
            _ if is_blank => false,
            _ => self.position(place.end).0 == line,
        };
        let entry = &mut self.found[number];
        (entry.line, entry.column) = (line, column);
        (entry.can_have_comment, entry.is_blank) = (can_have_comment, is_blank);
    }

    /// The line and the column of a character.
    fn position(&self, at: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|begin| *begin <= at).saturating_sub(1);
        (line, at - self.lines[line])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_have_the_entry_that_they_are_written_at() {
        let text = "# head\n\n# of a\na: 1 # one\nl: # list\n  # first\n  # item\n  - {k: v} # flow\n  - k: |  # block\n      # text\nz: 'a #b'\n\n# end\n";
        let comments = Comments::of(text).unwrap();
        let field = |name: &str| vec![Step::field(name)];
        let item = |at| vec![Step::field("l"), Step::Item(at)];
        assert_eq!(comments.above(&field("a")), ["# head", "", "# of a"]);
        assert_eq!(comments.behind(&field("a")), Some("# one"));
        assert_eq!(comments.behind(&field("l")), Some("# list"));
        assert_eq!(comments.above(&item(0)), ["# first", "# item"]);
        assert_eq!(comments.behind(&item(0)), Some("# flow"));
        assert_eq!(comments.behind(&[item(1), field("k")].concat()), Some("# block"));
        assert_eq!(comments.end(), ["", "# end"]);
        assert_eq!(comments.count(), 6);
    }

    #[test]
    fn a_comment_that_would_be_lost_or_moved_is_noticed() {
        for text in [
            "a: [1, # in a list\n  2]\n",
            "a:\n- # behind a dash\n  b: 1\n",
            "a:\n  b: 1\n  # deeper than what follows\nc: 1\n",
            "a: 1\n# apart from what follows\n\nb: 1\n",
            "a: 1\n# at the end\n",
            "a:\n  b: 1\n\n# below another column\n",
            "l:\n# of nothing\n-\n",
            "a: 'two\n  lines' # behind the second\n",
            "a: 1 # one\n---\nb: 1\n",
            "a: 1\t# tab\n",
        ] {
            assert!(Comments::of(text).is_none(), "{text:?}");
        }
        assert!(Comments::of("a: x#y\nb: 'x # y'\nc: |\n  # x\n").is_some_and(|found| found.count() == 0));
    }
}
