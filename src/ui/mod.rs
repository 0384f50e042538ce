//! The only door to the terminal. Data goes to stdout; progress, prompts, warnings and errors go to stderr.

mod lines;
mod output;
mod progress;
mod prompt;
mod screen;
mod secrets;
mod streams;
#[cfg(test)]
mod tests;

pub use output::Ui;
pub use streams::ClosedPipe;
pub use streams::Colour;
pub use streams::Interrupted;
