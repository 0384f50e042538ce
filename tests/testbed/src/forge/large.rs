//! Repositories as years of work leave them.

use super::Forge;
use super::clean_git;
use anyhow::Context;
use std::io::BufWriter;
use std::io::Write;
use std::process::Stdio;

/// The files of a folder.
const FOLDER: usize = 100;

impl Forge {
    /// Adds files below `data/` to the branch `main`, which has a commit already, by so many commits: the first has all of them,
    /// each of the others changes one.
    ///
    /// # Errors
    /// When git refuses.
    pub fn grow(&self, full_name: &str, files: usize, commits: usize) -> anyhow::Result<()> {
        let mut import = clean_git()
            .args(["fast-import", "--quiet"])
            .current_dir(self.repository_path(full_name))
            .stdin(Stdio::piped())
            .spawn()
            .context("running git fast-import")?;
        let mut stream = BufWriter::new(import.stdin.take().context("stdin")?);
        for number in 0..commits {
            let (message, at) = (format!("change {number}"), 1_700_000_000 + number);
            write!(stream, "commit refs/heads/main\ncommitter Ada <ada@example.com> {at} +0000\n")?;
            write!(stream, "data {}\n{message}\n", message.len())?;
            if number == 0 {
                stream.write_all(b"from refs/heads/main^0\n")?;
            }
            let changed = if number == 0 { 0..files } else { number % files..number % files + 1 };
            for file in changed {
                let content = format!("{file} {number} {}\n", "x".repeat(file % 500));
                writeln!(stream, "M 100644 inline data/{}/{file}.txt", file / FOLDER)?;
                write!(stream, "data {}\n{content}\n", content.len())?;
            }
        }
        stream.flush()?;
        drop(stream);
        anyhow::ensure!(import.wait()?.success(), "git fast-import failed");
        Ok(())
    }
}
