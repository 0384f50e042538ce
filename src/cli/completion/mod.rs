//! Completion: the shell calls the program with `COMPLETE=<shell>`, and clap_complete walks the tree of commands. What an argument can be
//! is attached to the argument: [`of`], [`by`], [`words`], [`names_of`]. Candidates are bounded in time and silent on failure.

mod answer;
mod candidates;
mod cobra;
mod line;

pub use answer::VARIABLE;
pub use answer::answer;
pub use answer::by;
pub use answer::columns;
pub use answer::names_of;
pub use answer::of;
pub use answer::words;
pub use candidates::contexts;
pub use candidates::listed;
pub use candidates::names;
pub use candidates::names_of_any;
pub use candidates::namespaces;
pub use candidates::objects;
pub use candidates::of_kinds;
pub use cobra::answer_cobra;
pub use line::Line;
