//! Regular expressions as Go's `regexp` takes and refuses them, and the templates that name their groups. Nothing is matched here.

mod class;
mod syntax;
mod template;

pub use syntax::group_names;
pub use template::BadTemplate;
pub use template::check_template;
