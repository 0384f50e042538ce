//! How values are written and read: durations, YAML, tables, digests. Knows nothing of Kubernetes or of Flux.

mod hint;
mod secret;

pub use hint::Hinted;
pub use hint::WithHint;
pub use hint::find_cause;
pub use hint::hints;
pub use secret::Secret;
