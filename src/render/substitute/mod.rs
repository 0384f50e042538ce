//! Variables in texts: `${name}` with the operators of a shell, as Flux has them. They are put into manifests after a build, and `envsubst`
//! puts those of the environment into what it reads.

mod evaluate;
mod objects;
mod parse;
mod scan;
mod variables;

pub use evaluate::Missing;
pub use evaluate::Unsubstituted;
pub use evaluate::substitute;
pub use objects::is_switched_off;
pub use objects::substitute_in;
pub use variables::Variables;
