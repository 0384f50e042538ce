//! Templates as `kubectl -o jsonpath` takes them: text, and between braces paths into a value, loops, filters and literals.

mod compare;
mod eval;
mod node;
mod parse;
mod template;
#[cfg(test)]
mod tests;

pub use compare::order;
pub use template::Template;
pub use template::cell;
