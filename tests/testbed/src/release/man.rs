//! Man pages, written from the command tree that the program itself has.

use clap::Command;
use clap_mangen::Man;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The headings of the options that every command takes.
const OF_EVERY_COMMAND: [&str; 2] = ["Global options", "Connection to the cluster"];

/// One page for each command, by file name, with this date (`YYYY-MM-DD`).
///
/// # Errors
/// A page cannot be written into memory, which does not happen.
pub fn pages(version: &str, date: &str) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut pages = BTreeMap::new();
    let root = fluxr::testing::commands::manual("fluxr");
    let labels = [date, &format!("fluxr {version}")];
    add(&root, labels, &mut pages)?;
    Ok(pages)
}

fn add(command: &Command, labels: [&str; 2], pages: &mut BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let is_root = name == command.get_name();
    // The options of every command are on the page of the root only.
    let shown = command.clone().mut_args(|arg| {
        let is_elsewhere = arg.get_help_heading().is_some_and(|heading| OF_EVERY_COMMAND.contains(&heading));
        if is_elsewhere && !is_root { arg.hide(true) } else { arg }
    });
    let man = Man::new(shown).date(labels[0]).source(labels[1]).manual("fluxr");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let subcommands = || command.get_subcommands().filter(|sub| !sub.is_hide_set());
    if subcommands().next().is_some() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut rest = String::new();
    if let Some(examples) = command.get_after_help() {
        // The heading of the help is the section's here.
        let examples = examples.to_string();
        let lines = examples.lines().skip(1).map(|line| line.strip_prefix("  ").unwrap_or(line));
        write!(rest, ".SH EXAMPLES\n.nf\n{}.fi\n", literal(&lines.collect::<Vec<_>>().join("\n")))?;
    }
    if !is_root {
        rest.push_str(".SH \"SEE ALSO\"\n\\fBfluxr\\fR(1), which has the options that every command takes\n");
    }
    page.extend(rest.into_bytes());
    pages.insert(format!("{name}.1"), page);
    subcommands().try_for_each(|sub| add(sub, labels, pages))
}

/// Text that is printed as it is, line for line.
fn literal(text: &str) -> String {
    // Roff takes a dot or a quote at the beginning of a line for a request, and a bare hyphen for a typographic one.
    text.trim_end()
        .lines()
        .map(|line| format!("\\&{}\n", line.replace('\\', "\\e").replace('-', "\\-")))
        .collect()
}
