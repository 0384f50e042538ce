//! Real parts on loopback.
