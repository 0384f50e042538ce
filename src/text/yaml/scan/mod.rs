//! The tokens of a YAML stream, as libyaml's scanner in its two Go versions finds them. The rules are those of YAML 1.1, with the liberties these programs take.

mod block_scalar;
mod cursor;
mod flow_scalar;
mod plain_scalar;
mod scanner;
mod space;
mod token;
mod words;

pub(super) use scanner::Scanner;
pub(super) use token::Dialect;
pub(super) use token::Mark;
pub(super) use token::Problem;
pub use token::ScalarStyle;
pub(super) use token::Token;
pub(super) use token::TokenKind;
