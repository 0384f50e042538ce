//! What lies between tokens: blanks, line breaks, comments.

use super::scanner::Scanner;
use super::token::Dialect;
use super::token::Mark;
use super::token::Problem;

/// How far Go's newer library looks for a comment.
const LOOK_AHEAD: usize = 512;

impl Scanner<'_> {
    /// Moves to the next token. A tab is a blank except where it would count as indentation.
    pub(super) fn skip_to_next_token(&mut self) {
        loop {
            while self.cursor.byte(0) == b' '
                || (self.cursor.byte(0) == b'\t' && (self.flow_level > 0 || !self.key_allowed))
            {
                self.cursor.skip();
            }
            if self.cursor.byte(0) == b'#' {
                self.comments.push(self.cursor.mark);
                match self.dialect {
                    Dialect::Two => self.cursor.skip_to_break(),
                    Dialect::Three => self.skip_comments(),
                }
            }
            if !self.cursor.is_break(0) {
                return;
            }
            self.cursor.skip_line();
            if self.flow_level == 0 {
                self.key_allowed = true;
            }
        }
    }

    /// Moves over comments on successive lines, which the newer library reads as one: tabs may indent all but the first.
    fn skip_comments(&mut self) {
        let mut ahead = 0;
        while ahead < LOOK_AHEAD {
            let closes_flow = self.flow_level > 0 && matches!(self.cursor.byte(ahead), b']' | b'}');
            if self.cursor.is_blank(ahead) || (!closes_flow && self.cursor.is_break(ahead)) {
                ahead += 1;
                continue;
            }
            if self.cursor.byte(ahead) != b'#' {
                return;
            }
            let comment = self.cursor.mark.index + ahead;
            while self.cursor.mark.index < comment {
                if self.cursor.is_break(0) {
                    self.cursor.skip_line();
                } else {
                    self.cursor.skip();
                }
            }
            self.cursor.skip_to_break();
            // The line break at hand is not looked at again.
            ahead = 1;
        }
    }

    /// Moves over a comment behind a token on its line; the newer library takes any blanks before it.
    pub(super) fn skip_line_comment(&mut self) {
        if self.cursor.newlines > 0 {
            return;
        }
        let blanks = (0..LOOK_AHEAD).take_while(|ahead| self.cursor.is_blank(*ahead)).count();
        if blanks < LOOK_AHEAD && self.cursor.byte(blanks) == b'#' {
            self.cursor.skip_to_break();
        }
    }

    /// Moves to the next line; only blanks and a comment may be left of this one.
    pub(super) fn skip_rest_of_line(&mut self, start: Mark) -> Result<(), Problem> {
        self.cursor.skip_blanks();
        if self.cursor.byte(0) == b'#' {
            self.comments.push(self.cursor.mark);
            self.cursor.skip_to_break();
        }
        if !self.cursor.is_break_or_end(0) {
            return Err(self.problem("did not find expected comment or line break", start));
        }
        self.cursor.skip_line();
        Ok(())
    }
}
