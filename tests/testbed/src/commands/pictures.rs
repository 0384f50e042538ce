//! Pictures of the tutorial: each a few commands with what they print, in colour, as an SVG.

use super::demo::drawn;
use crate::tutorial::Line;
use anyhow::Context;
use std::fmt::Write;
use std::path::Path;

/// What is wider ends in an ellipsis.
const WIDTH: usize = 110;
/// What is longer ends in one, too.
const HEIGHT: usize = 30;

const TAB: usize = 8;

/// Colours that can be read on black, where the drawer's own cannot: what is dim, and those of a terminal of old.
const COLOURS: [(&str, &str); 6] = [
    (".dimmed { opacity: 0.4; }", ".dimmed { opacity: 0.7; }"),
    (".fg { fill: #AAAAAA }", ".fg { fill: #D0D0D0 }"),
    (".fg-red { fill: #AA0000 }", ".fg-red { fill: #FF6B6B }"),
    (".fg-green { fill: #00AA00 }", ".fg-green { fill: #4EC94E }"),
    (".fg-yellow { fill: #AA5500 }", ".fg-yellow { fill: #E5B84B }"),
    (".fg-cyan { fill: #00AAAA }", ".fg-cyan { fill: #4CC3D9 }"),
];

/// A part of a chapter: from the first command that begins so to the end of the last that does.
struct Picture {
    file: &'static str,
    chapter: &'static str,
    commands: &'static [&'static str],
}

const PICTURES: [Picture; 3] = [
    Picture {
        file: "deliver.svg",
        chapter: "deliver an application",
        commands: &["fluxr create", "git add", "fluxr reconcile", "fluxr get"],
    },
    Picture { file: "why.svg", chapter: "a failure, and why", commands: &["fluxr get", "fluxr why"] },
    Picture { file: "plan.svg", chapter: "a plan", commands: &["fluxr bootstrap"] },
];

/// What is seen of the tutorial while it is played.
#[derive(Default)]
pub(super) struct Pictures {
    chapter: String,
    command: String,
    lines: [Vec<String>; PICTURES.len()],
}

impl Pictures {
    pub(super) fn see(&mut self, line: &Line) {
        match line {
            Line::Chapter(title) => self.chapter.clone_from(title),
            Line::Command(command) => self.command.clone_from(command),
            Line::Note(_) => self.command.clear(),
            Line::Took(..) => return self.command.clear(),
            Line::Output(_) => {}
        }
        for (picture, lines) in PICTURES.iter().zip(&mut self.lines) {
            let is_shown = picture.commands.iter().any(|begin| self.command.starts_with(begin));
            if picture.chapter == self.chapter && is_shown {
                let text = without_tabs(&drawn(line));
                lines.push(console::truncate_str(&text, WIDTH, "…").into_owned());
            }
        }
    }

    /// Draws each into its file.
    ///
    /// # Errors
    /// A file that cannot be written; a picture of nothing.
    pub(super) fn draw(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        for (picture, lines) in PICTURES.iter().zip(&self.lines) {
            anyhow::ensure!(!lines.is_empty(), "the tutorial shows nothing for {}", picture.file);
            let mut text = String::new();
            for line in lines.iter().take(HEIGHT) {
                writeln!(text, "{line}")?;
            }
            if lines.len() > HEIGHT {
                text.push('…');
            }
            let file = folder.join(picture.file);
            let drawn = anstyle_svg::Term::new().render_svg(&text);
            let drawn = COLOURS.iter().fold(drawn, |drawn, (from, to)| drawn.replacen(from, to, 1));
            std::fs::write(&file, drawn).with_context(|| format!("writing {}", file.display()))?;
        }
        Ok(())
    }
}

/// As a terminal shows a line: what follows a tab begins at the next multiple of eight.
fn without_tabs(line: &str) -> String {
    let mut parts = line.split('\t');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let at = console::measure_text_width(&text);
        text.push_str(&" ".repeat(TAB - at % TAB));
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::without_tabs;

    #[test]
    fn a_tab_ends_where_a_terminal_ends_it_whatever_the_colours() {
        assert_eq!(without_tabs("a\tb"), "a       b");
        assert_eq!(
            without_tabs("\u{1b}[1mname\u{1b}[0m    \tb\t"),
            "\u{1b}[1mname\u{1b}[0m            b       "
        );
        assert_eq!(without_tabs("none"), "none");
    }
}
