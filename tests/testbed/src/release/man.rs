//! Man pages, written from the command tree that the program itself has.

use clap::Command;
use clap_mangen::Man;
use std::collections::BTreeMap;

/// One page for each command, by file name, with this date (`YYYY-MM-DD`).
///
/// # Errors
/// A page cannot be written into memory, which does not happen.
pub fn pages(version: &str, date: &str) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut pages = BTreeMap::new();
    let mut root = fluxr::commands::command("fluxr").disable_help_subcommand(true);
    root.build();
    add(&root, version, date, &mut pages)?;
    Ok(pages)
}

fn add(
    command: &Command,
    version: &str,
    date: &str,
    pages: &mut BTreeMap<String, Vec<u8>>,
) -> anyhow::Result<()> {
    let man = Man::new(command.clone()).date(date).source(format!("fluxr {version}")).manual("fluxr");
    let mut page = Vec::new();
    man.render(&mut page)?;
    pages.insert(man.get_filename(), page);
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        add(sub, version, date, pages)?;
    }
    Ok(())
}
