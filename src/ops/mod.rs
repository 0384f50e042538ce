//! Work that takes several steps, without clap: each returns data or says its progress on the `Ui`.
