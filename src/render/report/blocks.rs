//! Blocks of text beside each other if they fit, and below each other if not.

use super::paint::length;

/// Between two blocks.
const GAP: &str = "   ";

/// A column is not padded to more than this, so that one long line in a long list does not become as many of them.
const WIDEST: usize = 4096;

/// Adds the blocks: beside each other if that takes no more than `width`.
pub(super) fn push_blocks(out: &mut String, width: usize, indent: usize, blocks: &[String]) {
    let widest = |block: &String| block.split('\n').map(length).max().unwrap_or_default();
    let gaps = GAP.len() * blocks.len().saturating_sub(1);
    let needed = indent + gaps + blocks.iter().map(widest).sum::<usize>();
    if needed <= width {
        out.push_str(&table(GAP, indent, blocks));
        return;
    }
    for line in blocks.iter().flat_map(|block| block.split('\n')) {
        out.push_str(&" ".repeat(indent));
        out.push_str(line);
        out.push('\n');
    }
}

/// The blocks as columns, each indented. What is blank at the ends of lines is left out, and there is no newline at the end.
pub(super) fn table(gap: &str, indent: usize, blocks: &[String]) -> String {
    let columns: Vec<Vec<(&str, usize)>> =
        blocks.iter().map(|block| block.split('\n').map(|line| (line, length(line))).collect()).collect();
    let widths: Vec<usize> = columns
        .iter()
        .map(|lines| lines.iter().map(|(_, length)| *length).max().unwrap_or_default().min(WIDEST))
        .collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or_default();
    let mut text = String::new();
    for row in 0..height {
        let start = text.len();
        for (index, (lines, width)) in columns.iter().zip(&widths).enumerate() {
            if index > 0 {
                text.push_str(gap);
            }
            let (line, length) = lines.get(row).copied().unwrap_or_default();
            text.push_str(&" ".repeat(indent));
            text.push_str(line);
            text.push_str(&" ".repeat(width.saturating_sub(length)));
        }
        let end = text[start..].trim_end_matches(' ').len();
        text.truncate(start + end);
        if row + 1 < height {
            text.push('\n');
        }
    }
    text
}
