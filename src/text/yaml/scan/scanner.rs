//! From characters to tokens.

use super::cursor::Cursor;
use super::cursor::is_control;
use super::token::Dialect;
use super::token::Mark;
use super::token::Problem;
use super::token::ScalarStyle;
use super::token::Token;
use super::token::TokenKind;
use std::collections::VecDeque;

/// A key without `?` is on one line and no longer than this.
const LONGEST_KEY: usize = 1024;

/// Where a key without `?` may begin: only the `:` behind it shows that it is one.
#[derive(Debug, Clone, Copy)]
struct PossibleKey {
    is_required: bool,
    /// The number of its first token, counted from the beginning of the stream.
    token: usize,
    mark: Mark,
    /// Go's libraries lose sight of a key that is an empty flow collection until its `:`.
    is_lost: bool,
}

/// A level of flow collections.
#[derive(Debug, Clone, Copy)]
struct Level {
    key: Option<PossibleKey>,
    /// The token at which a key began last, or the level itself.
    token: usize,
}

pub(in super::super) struct Scanner<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) dialect: Dialect,
    /// The column of the block at hand; -1 outside of all.
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) flow_level: usize,
    /// Whether a key without `?` may begin here.
    pub(super) key_allowed: bool,
    /// Where comments begin. To the newer library one on the next line is part of the same comment.
    pub(in super::super) comments: Vec<Mark>,
    /// The blocks, then each level of flow collections.
    levels: Vec<Level>,
    tokens: VecDeque<Token>,
    /// Tokens that were taken.
    taken: usize,
    is_ready: bool,
}

impl<'a> Scanner<'a> {
    pub(in super::super) fn new(text: &'a str, dialect: Dialect) -> Self {
        Self {
            // Anywhere else a byte order mark is an ordinary character.
            cursor: Cursor::new(text.strip_prefix('\u{feff}').unwrap_or(text)),
            dialect,
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            key_allowed: true,
            comments: Vec::new(),
            levels: vec![Level { key: None, token: 0 }],
            tokens: VecDeque::new(),
            taken: 0,
            is_ready: false,
        }
    }

    /// Whether a text has characters that YAML does not have.
    pub(in super::super) fn has_control(text: &str) -> bool {
        text.chars().any(is_control)
    }

    /// The next token; the last one of a stream comes again and again.
    pub(in super::super) fn peek(&mut self) -> Result<&Token, Problem> {
        if !self.is_ready {
            while self.needs_more()? {
                self.fetch()?;
            }
            self.is_ready = true;
        }
        // There is always one after the loop above.
        self.tokens.front().ok_or_else(|| Problem::document("no token is left"))
    }

    /// Takes the next token.
    pub(in super::super) fn next(&mut self) -> Result<Token, Problem> {
        self.peek()?;
        self.is_ready = false;
        self.taken += 1;
        self.tokens.pop_front().ok_or_else(|| Problem::document("no token is left"))
    }

    /// Whether the first token of the queue may still change: a key may begin with it.
    fn needs_more(&mut self) -> Result<bool, Problem> {
        let enough = match self.dialect {
            Dialect::Two => 0,
            // Comments are assigned two tokens late.
            Dialect::Three => 2,
        };
        if self.tokens.len() <= enough {
            return Ok(true);
        }
        let of_head = |level: &Level| level.key.is_some_and(|key| key.token == self.taken && !key.is_lost);
        match self.levels.iter().position(of_head) {
            Some(level) => Ok(self.possible_key(level)?.is_some()),
            None => Ok(false),
        }
    }

    pub(super) fn problem(&self, text: &str, context: Mark) -> Problem {
        Problem::scanner(text, context, self.cursor.mark)
    }

    fn column(&self) -> isize {
        isize::try_from(self.cursor.mark.column).unwrap_or(isize::MAX)
    }

    fn fetch(&mut self) -> Result<(), Problem> {
        self.skip_to_next_token();
        self.unroll_indent(self.column());
        let first = self.cursor.byte(0);
        let starts_line = self.cursor.mark.column == 0;
        if first == 0 {
            return self.fetch_stream_end();
        }
        if starts_line && first == b'%' {
            self.end_block_context()?;
            let token = self.scan_directive()?;
            self.tokens.push_back(token);
            return Ok(());
        }
        if self.cursor.is_document_indicator() {
            self.end_block_context()?;
            let kind = if first == b'-' { TokenKind::DocumentStart } else { TokenKind::DocumentEnd };
            self.push_indicator(kind, 3);
            return Ok(());
        }
        self.fetch_content(first)?;
        let is_entry = self.tokens.back().is_some_and(|token| token.kind == TokenKind::BlockEntry);
        if self.dialect == Dialect::Three && !is_entry {
            self.skip_line_comment();
        }
        Ok(())
    }

    fn fetch_content(&mut self, first: u8) -> Result<(), Problem> {
        let in_flow = self.flow_level > 0;
        let before_blank = self.cursor.is_blank_or_break(1);
        match first {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => {
                self.remove_key()?;
                self.key_allowed = true;
                self.push_indicator(TokenKind::FlowEntry, 1);
                Ok(())
            }
            b'-' if before_blank => self.fetch_block_entry(),
            b'?' if in_flow || before_blank => self.fetch_key(),
            b':' if in_flow || before_blank => self.fetch_value(),
            b'*' | b'&' => {
                self.save_key()?;
                self.key_allowed = false;
                let (start, name) = self.scan_anchor()?;
                let kind = if first == b'*' { TokenKind::Alias(name) } else { TokenKind::Anchor(name) };
                self.tokens.push_back(Token { kind, start, end: self.cursor.mark });
                Ok(())
            }
            b'!' => self.fetch_scalar(Self::scan_tag),
            b'|' | b'>' if !in_flow => {
                self.remove_key()?;
                self.key_allowed = true;
                let style = if first == b'|' { ScalarStyle::Literal } else { ScalarStyle::Folded };
                let token = self.scan_block_scalar(style)?;
                self.tokens.push_back(token);
                Ok(())
            }
            b'\'' => self.fetch_scalar(|scanner| scanner.scan_flow_scalar(ScalarStyle::Single)),
            b'"' => self.fetch_scalar(|scanner| scanner.scan_flow_scalar(ScalarStyle::Double)),
            b'\t' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => {
                Err(self.problem("found character that cannot start any token", self.cursor.mark))
            }
            _ => self.fetch_scalar(Self::scan_plain_scalar),
        }
    }

    /// What can be a key itself, but has none directly behind it.
    fn fetch_scalar(
        &mut self,
        scan: impl FnOnce(&mut Self) -> Result<Token, Problem>,
    ) -> Result<(), Problem> {
        self.save_key()?;
        self.key_allowed = false;
        let token = scan(self)?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn push_indicator(&mut self, kind: TokenKind, width: usize) {
        let start = self.cursor.mark;
        self.cursor.skip_many(width);
        self.tokens.push_back(Token { kind, start, end: self.cursor.mark });
    }

    fn fetch_stream_end(&mut self) -> Result<(), Problem> {
        let mark = &mut self.cursor.mark;
        if mark.column != 0 {
            (mark.column, mark.line) = (0, mark.line + 1);
        }
        self.end_block_context()?;
        let start = self.cursor.mark;
        self.tokens.push_back(Token { kind: TokenKind::StreamEnd, start, end: start });
        Ok(())
    }

    fn end_block_context(&mut self) -> Result<(), Problem> {
        self.unroll_indent(-1);
        self.remove_key()?;
        self.key_allowed = false;
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind) -> Result<(), Problem> {
        self.save_key()?;
        self.levels.push(Level { key: None, token: self.taken + self.tokens.len() });
        self.flow_level += 1;
        self.key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind) -> Result<(), Problem> {
        self.remove_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            let ended = self.levels.pop();
            let of_same = |key: &&mut PossibleKey| ended.is_some_and(|ended| ended.token == key.token);
            for key in self.levels.iter_mut().filter_map(|level| level.key.as_mut()).filter(of_same) {
                key.is_lost = true;
            }
        }
        self.key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Problem> {
        if self.flow_level == 0 {
            self.require_key_allowed("block sequence entries are not allowed in this context")?;
            self.roll_indent(self.cursor.mark, None, TokenKind::BlockSequenceStart);
        }
        self.remove_key()?;
        self.key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Problem> {
        if self.flow_level == 0 {
            self.require_key_allowed("mapping keys are not allowed in this context")?;
            self.roll_indent(self.cursor.mark, None, TokenKind::BlockMappingStart);
        }
        self.remove_key()?;
        self.key_allowed = self.flow_level == 0;
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Problem> {
        let level = self.levels.len() - 1;
        if let Some(key) = self.possible_key(level)? {
            self.insert(Some(key.token), Token { kind: TokenKind::Key, start: key.mark, end: key.mark });
            self.roll_indent(key.mark, Some(key.token), TokenKind::BlockMappingStart);
            self.levels[level].key = None;
            self.key_allowed = false;
        } else {
            if self.flow_level == 0 {
                self.require_key_allowed("mapping values are not allowed in this context")?;
                self.roll_indent(self.cursor.mark, None, TokenKind::BlockMappingStart);
            }
            self.key_allowed = self.flow_level == 0;
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }

    fn require_key_allowed(&self, otherwise: &str) -> Result<(), Problem> {
        if self.key_allowed { Ok(()) } else { Err(self.problem(otherwise, self.cursor.mark)) }
    }

    /// The key that may have begun on this level, unless it is too long or its line has ended.
    fn possible_key(&mut self, level: usize) -> Result<Option<PossibleKey>, Problem> {
        let Some(key) = self.levels[level].key else { return Ok(None) };
        let here = self.cursor.mark;
        if key.mark.line == here.line && here.index <= key.mark.index + LONGEST_KEY {
            return Ok(Some(key));
        }
        self.drop_key(level)?;
        Ok(None)
    }

    fn save_key(&mut self) -> Result<(), Problem> {
        if self.key_allowed {
            let is_required = self.flow_level == 0 && self.indent == self.column();
            let token = self.taken + self.tokens.len();
            self.remove_key()?;
            let level = self.levels.len() - 1;
            let key = PossibleKey { is_required, token, mark: self.cursor.mark, is_lost: false };
            self.levels[level] = Level { key: Some(key), token };
        }
        Ok(())
    }

    fn remove_key(&mut self) -> Result<(), Problem> {
        self.drop_key(self.levels.len() - 1)
    }

    fn drop_key(&mut self, level: usize) -> Result<(), Problem> {
        match self.levels[level].key.take() {
            Some(key) if key.is_required => Err(self.problem("could not find expected ':'", key.mark)),
            _ => Ok(()),
        }
    }

    /// Begins a block when this column is deeper than the present one.
    fn roll_indent(&mut self, mark: Mark, at: Option<usize>, kind: TokenKind) {
        let column = isize::try_from(mark.column).unwrap_or(isize::MAX);
        if self.flow_level == 0 && self.indent < column {
            self.indents.push(self.indent);
            self.indent = column;
            self.insert(at, Token { kind, start: mark, end: mark });
        }
    }

    /// Puts a token before the one with this number, or at the end when that was taken.
    fn insert(&mut self, number: Option<usize>, token: Token) {
        let at = number.and_then(|number| number.checked_sub(self.taken)).unwrap_or(self.tokens.len());
        self.tokens.insert(at.min(self.tokens.len()), token);
    }

    /// Ends the blocks that are deeper than this column.
    fn unroll_indent(&mut self, column: isize) {
        while self.flow_level == 0 && self.indent > column {
            let start = self.cursor.mark;
            self.tokens.push_back(Token { kind: TokenKind::BlockEnd, start, end: start });
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }
}
