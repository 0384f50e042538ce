//! `bootstrap` between a forge and an API server on loopback: the ordinary run, its repetition, its faults, its crashes.

mod faults;
mod ordinary;
mod recovery;
mod world;
