//! YAML inside of a text, such as a patch in a kustomization: read as a manifest of its own, and put back line by line.

use super::super::scan::ScalarStyle;
use super::fault::NotEditable;
use super::fault::Reason;
use super::manifest::Manifest;
use super::patch::Hand;
use super::patch::Patch;
use super::spot::Content;
use super::spot::PlacedNode;
use super::step;
use super::step::Path;
use super::step::Step;
use super::walk::Reached;
use super::walk::Refusal;

impl Manifest {
    /// The YAML in the text at the end of a way. Its lines are counted as those of this file.
    ///
    /// # Errors
    /// There is no text, or what it holds is not YAML.
    pub fn inner(&self, document: usize, path: &[Step]) -> Result<Self, NotEditable> {
        let reached = self.reach(document, path)?;
        let start = reached.spot.place.start;
        let shown = || Path(path).to_string();
        let text = text_of(&reached, path).map_err(|refusal| self.refused(refusal))?;
        let line = self.line_at(start);
        let before =
            if matches!(text.style, ScalarStyle::Literal | ScalarStyle::Folded) { line } else { line - 1 };
        Self::parse_behind(before, text.text.to_owned(), &self.file)
            .map_err(|error| self.refused((start, Reason::NotYaml { path: shown(), reason: error.reason })))
    }

    /// Puts another text in the place of one.
    ///
    /// # Errors
    /// [`NotEditable`].
    pub(super) fn set_text(&self, document: usize, path: &[Step], new: &str) -> Result<Self, NotEditable> {
        let (at, hand) = self.open(document)?;
        let reached = self.go(at, path)?;
        let patch = replace(&self.text, hand, &reached, path, new);
        self.edited(document, path, patch, |root| step::set(root, path, &new.into()))
    }
}

/// A text, and how it is written.
struct Written<'a> {
    text: &'a str,
    style: ScalarStyle,
}

fn text_of<'a>(reached: &Reached<'a>, path: &[Step]) -> Result<Written<'a>, Refusal> {
    let spot: &'a PlacedNode = reached.spot;
    let shown = || Path(path).to_string();
    if reached.steps < path.len() {
        return Err((spot.place.start, Reason::Missing { path: shown() }));
    }
    match &spot.content {
        Content::Scalar { text, style } => Ok(Written { text, style: *style }),
        _ => Err((spot.place.start, Reason::Other { path: shown(), found: spot.word(), wanted: "text" })),
    }
}

/// Changes the lines of a text that differ.
pub(super) fn replace(
    text: &str,
    hand: Hand,
    reached: &Reached<'_>,
    path: &[Step],
    new: &str,
) -> Result<Patch, Refusal> {
    let Written { text: present, style } = text_of(reached, path)?;
    let place = reached.spot.place;
    if present == new {
        return Ok(Patch::new(place.start..place.start, ""));
    }
    let raw = &text[place.start..];
    let patch = match style {
        ScalarStyle::Literal => lines(raw, hand, present, new),
        _ => on_one_line(&text[place.start..place.end], style, present, new),
    };
    let Some(Patch { range, text }) = patch else {
        return Err((place.start, Reason::Style { path: Path(path).to_string() }));
    };
    Ok(Patch::new(place.start + range.start..place.start + range.end, text))
}

/// How many of the first are the same, and how many of the rest at the end.
fn common<T: PartialEq>(one: &[T], other: &[T]) -> (usize, usize) {
    let before = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let (one, other) = (&one[before..], &other[before..]);
    (before, one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count())
}

/// In a literal block, each line of the text is one of the file behind that with the `|`.
fn lines(raw: &str, hand: Hand, present: &str, new: &str) -> Option<Patch> {
    let (present, new): (Vec<&str>, Vec<&str>) = (present.split('\n').collect(), new.split('\n').collect());
    let mut begin = raw.find('\n')? + 1;
    let mut places = Vec::new();
    let mut margin = None;
    for line in &present {
        let rest = raw.get(begin..)?;
        let written = rest.split('\n').next()?;
        let shown = written.strip_suffix('\r').unwrap_or(written);
        if margin.is_none() && !line.is_empty() {
            margin = Some(shown.strip_suffix(line)?);
        }
        places.push(begin..begin + shown.len());
        // The last line of a file may have no end.
        begin = (begin + written.len() + 1).min(raw.len());
    }
    let margin = margin?;
    let (before, after) = common(&present, &new);
    let (old, fresh) = (before..present.len() - after, &new[before..new.len() - after]);
    let indented = |line: &&str| if line.is_empty() { String::new() } else { [margin, *line].concat() };
    if old.len() == fresh.len() && !old.is_empty() {
        // Lines between those that differ stay as they are written.
        let mut text = String::new();
        for at in old.clone() {
            let is_same = present[at] == new[at];
            text.push_str(&if is_same { raw[places[at].clone()].to_owned() } else { indented(&new[at]) });
            if at + 1 < old.end {
                text.push_str(&raw[places[at].end..places[at + 1].start]);
            }
        }
        return Some(Patch::new(places[old.start].start..places[old.end - 1].end, text));
    }
    let fresh: Vec<String> = fresh.iter().map(indented).collect();
    let whole = |lines: &[String]| {
        lines.iter().map(|line| [line.as_str(), hand.line_end].concat()).collect::<String>()
    };
    match (old.is_empty(), fresh.is_empty()) {
        (true, _) => {
            let at = places.get(old.start)?.start;
            Some(Patch::new(at..at, whole(&fresh)))
        }
        (false, true) => Some(Patch::delete(places[old.start].start..places.get(old.end)?.start)),
        (false, false) => {
            let range = places[old.start].start..places[old.end - 1].end;
            Some(Patch::new(range, fresh.join(hand.line_end)))
        }
    }
}

/// A text on one line that is written as it is read.
fn on_one_line(raw: &str, style: ScalarStyle, present: &str, new: &str) -> Option<Patch> {
    let quotes = usize::from(style != ScalarStyle::Plain);
    let written = raw.get(quotes..raw.len().checked_sub(quotes)?)?;
    if written != present || raw.contains('\n') {
        return None;
    }
    let (old, fresh): (Vec<char>, Vec<char>) = (present.chars().collect(), new.chars().collect());
    let (before, after) = common(&old, &fresh);
    let bytes = |chars: &[char]| chars.iter().map(|c| c.len_utf8()).sum::<usize>();
    let range = quotes + bytes(&old[..before])..quotes + bytes(&old[..old.len() - after]);
    Some(Patch::new(range, fresh[before..fresh.len() - after].iter().collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::super::batch::Edit;
    use super::super::batch::EditKind;
    use super::super::keys;
    use super::*;
    use serde_json::json;

    const WAY: [&str; 1] = ["patch"];

    fn edited(text: &str, way: &[Step], kind: EditKind) -> Result<String, NotEditable> {
        let manifest = Manifest::parse(text, "k.yaml")?;
        let inner = manifest.inner(0, &keys(WAY))?;
        let all = inner.edit_all(vec![Edit { document: 0, path: way.to_vec(), kind }]);
        let inner = all.map_err(|(_, error)| error)?;
        let kind = EditKind::Text(inner.text().to_owned());
        let all = manifest.edit_all(vec![Edit { document: 0, path: keys(WAY), kind }]);
        all.map(|edited| edited.text().to_owned()).map_err(|(_, error)| error)
    }

    impl From<super::super::super::BadYaml> for NotEditable {
        fn from(error: super::super::super::BadYaml) -> Self {
            let reason = Reason::NotYaml { path: String::new(), reason: error.reason };
            Self { file: error.origin, line: 0, reason }
        }
    }

    #[test]
    fn only_the_line_of_a_block_that_differs_is_touched() {
        let way = keys(["a", "b"]);
        for text in [
            "# k\npatch: |-  # why\n\n   a:\n     c:   1 # one\n     b: '1' # two\n\n   # end\nother: |\n  b: '1'\n",
            "patch: |\r\n  a:\r\n    b: '1' # two\r\nother: x\r\n",
            "other: x\npatch: |\n  a:\n    b: '1'",
            "patch: |2\n  a:\n    b: '1'\n\n\nother: x\n",
            "patch: |+\n  a: {b: '1'}\n\nother: x\n",
            "patch: \"a: {b: '1'}\" # short\nother: x\n",
            "{patch: \"a: {b: '1'}\"}\n",
        ] {
            let kind = EditKind::Set(json!("\u{e4}2"));
            let at = text.find("'1'").unwrap();
            let wanted = [&text[..at], "'\u{e4}2'", &text[at + 3..]].concat();
            assert_eq!(edited(text, &way, kind).unwrap(), wanted);
        }
        let text = "patch: '[{\"op\": \"replace\", \"path\": \"/a\", \"value\": \"1\"}]'\n";
        let way = [Step::Item(0), Step::Key("value".to_owned())];
        let found = edited(text, &way, EditKind::Set(json!("2"))).unwrap();
        assert_eq!(found, text.replace("\"1\"", "\"2\""));
    }

    #[test]
    fn what_is_between_two_edits_stays_as_it_is() {
        let text = "patch: |\n    a: 1\n  \n    # between\n\n    b: 2\n";
        let manifest = Manifest::parse(text, "k.yaml").unwrap();
        let set = |key: &str| Edit { document: 0, path: keys([key]), kind: EditKind::Set(json!(9)) };
        let inner = manifest.inner(0, &keys(WAY)).unwrap().edit_all(vec![set("a"), set("b")]).unwrap();
        let edited = manifest.set_text(0, &keys(WAY), inner.text()).unwrap();
        assert_eq!(edited.text(), text.replace("a: 1", "a: 9").replace("b: 2", "b: 9"));
        assert_eq!(manifest.set_text(0, &keys(WAY), "a: 1\n\n# between\n\nb: 2\n").unwrap().text(), text);
    }

    #[test]
    fn lines_of_a_block_come_and_go() {
        let text = "patch: |\n  a:\n    b: 1\n    c: 2\nother: x\n";
        let found = edited(text, &keys(["a", "d"]), EditKind::Set(json!(3))).unwrap();
        assert_eq!(found, "patch: |\n  a:\n    b: 1\n    c: 2\n    d: 3\nother: x\n");
        let found = edited(text, &keys(["a", "c"]), EditKind::Remove).unwrap();
        assert_eq!(found, "patch: |\n  a:\n    b: 1\nother: x\n");
        let found = edited(text, &keys(["a", "b"]), EditKind::Remove).unwrap();
        assert_eq!(found, "patch: |\n  a:\n    c: 2\nother: x\n");
    }

    #[test]
    fn a_refusal_names_the_line_of_the_file() {
        let refused =
            |text: &str| edited(text, &keys(["a", "b"]), EditKind::Set(json!("2"))).unwrap_err().to_string();
        let variable = refused("x: 1\npatch: |\n  a:\n    b: ${v}\n");
        assert_eq!(variable, "k.yaml, line 4: .a.b is a variable or a template (\"${v}\")");
        let folded = refused("x: 1\npatch: >\n  a: {b: '1'}\n");
        assert!(folded.starts_with("k.yaml, line 2: .patch is a folded or quoted text"), "{folded}");
        let escaped = refused("x: 1\npatch: \"a: {b: \\\"1\\\"}\"\n");
        assert!(escaped.contains("folded or quoted"), "{escaped}");
        assert!(refused("patch: {a: {b: 1}}\n").contains(".patch is a mapping, not a text"));
        assert!(refused("patch: |\n  a: {\n").contains("line 1: .patch holds no YAML"));
        assert!(refused("other: 1\n").contains("there is no .patch"));
        assert!(refused("patch: &p |\n  a: {b: 1}\n").contains("anchor"));
    }
}
