//! Literal (`|`) and folded (`>`) scalars.

use super::scanner::Scanner;
use super::token::Mark;
use super::token::Problem;
use super::token::ScalarStyle;
use super::token::Token;
use super::token::TokenKind;

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl Scanner<'_> {
    pub(super) fn scan_block_scalar(&mut self, style: ScalarStyle) -> Result<Token, Problem> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let mut end = self.cursor.mark;
        let (chomping, increment) = self.block_scalar_header(start)?;
        let mut indent = match increment {
            0 => 0,
            increment => usize::try_from(self.indent).unwrap_or_default() + increment,
        };
        let (mut text, mut leading_break, mut trailing_breaks) =
            (String::new(), String::new(), String::new());
        self.block_scalar_breaks(&mut indent, &mut trailing_breaks, start)?;
        let mut after_blank = false;
        while self.cursor.mark.column == indent && !self.cursor.is_end() {
            let is_blank = self.cursor.is_blank(0);
            let folds =
                style == ScalarStyle::Folded && !after_blank && !is_blank && leading_break.starts_with('\n');
            if !folds {
                text.push_str(&leading_break);
            } else if trailing_breaks.is_empty() {
                text.push(' ');
            }
            text.push_str(&trailing_breaks);
            leading_break.clear();
            trailing_breaks.clear();
            after_blank = is_blank;
            self.cursor.read_until(&mut text, |cursor, ahead| cursor.is_break_or_end(ahead));
            end = self.cursor.mark;
            if self.cursor.is_break(0) {
                self.cursor.read_line(&mut leading_break);
            }
            self.block_scalar_breaks(&mut indent, &mut trailing_breaks, start)?;
        }
        if chomping != Chomping::Strip {
            text.push_str(&leading_break);
        }
        if chomping == Chomping::Keep {
            text.push_str(&trailing_breaks);
        }
        let here = self.cursor.mark;
        if chomping == Chomping::Keep {
            // The indentation of the next line is not part of it.
            end = Mark { index: here.index - here.column, line: here.line, column: 0 };
        }
        Ok(Token { kind: TokenKind::Scalar { text, style }, start, end })
    }

    /// The indicators behind `|`, in either order, and the rest of their line.
    fn block_scalar_header(&mut self, start: Mark) -> Result<(Chomping, usize), Problem> {
        let (mut chomping, mut increment) = (Chomping::Clip, None);
        let mut has_chomping = false;
        for _ in 0..2 {
            match self.cursor.byte(0) {
                sign @ (b'+' | b'-') if !has_chomping => {
                    chomping = if sign == b'+' { Chomping::Keep } else { Chomping::Strip };
                    has_chomping = true;
                }
                b'0' if increment.is_none() => {
                    return Err(self.problem("found an indentation indicator equal to 0", start));
                }
                digit @ b'1'..=b'9' if increment.is_none() => increment = Some(usize::from(digit - b'0')),
                _ => break,
            }
            self.cursor.skip();
        }
        self.skip_rest_of_line(start)?;
        Ok((chomping, increment.unwrap_or_default()))
    }

    /// Reads empty lines and the indentation of the next one; an indentation of zero is not known yet and found here.
    fn block_scalar_breaks(
        &mut self,
        indent: &mut usize,
        breaks: &mut String,
        start: Mark,
    ) -> Result<(), Problem> {
        let mut deepest = 0;
        loop {
            while (*indent == 0 || self.cursor.mark.column < *indent) && self.cursor.byte(0) == b' ' {
                self.cursor.skip();
            }
            deepest = deepest.max(self.cursor.mark.column);
            if (*indent == 0 || self.cursor.mark.column < *indent) && self.cursor.byte(0) == b'\t' {
                let text = "found a tab character where an indentation space is expected";
                return Err(self.problem(text, start));
            }
            if !self.cursor.is_break(0) {
                break;
            }
            self.cursor.read_line(breaks);
        }
        if *indent == 0 {
            *indent = deepest.max(usize::try_from(self.indent + 1).unwrap_or_default()).max(1);
        }
        Ok(())
    }
}
