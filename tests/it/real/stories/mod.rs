//! Stories on a real cluster: every object is made by fluxr, and every step is seen through it, beside the Flux CLI where both only look.

mod alerts;
mod images;
mod looking_back;
mod stage;
