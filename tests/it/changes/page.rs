//! The transcripts of `docs/changes.md`: `UPDATE=1 cargo test --test it changes::page` writes them.

use super::rolling_back::Broken;
use super::world::World;
use crate::support::Output;
use crate::support::golden_part;
use regex::Regex;
use std::path::Path;

/// What a reader would see, without what differs from run to run.
pub(super) fn transcript(world: &World, line: &str) -> String {
    let seen = world.run(line);
    seen.succeeded();
    shown(world, line, &seen)
}

pub(super) fn shown(world: &World, line: &str, seen: &Output) -> String {
    let said = format!("{}{}", seen.err, seen.out);
    let said = said.replace(&world.forge.host(), "git.example.com");
    let commit = Regex::new(r"[0-9a-f]{40}").unwrap();
    let said = commit.replace_all(&said, "3f1c…");
    format!("```console\n$ fluxr {line}\n{said}```\n")
}

/// Without the names of commits that differ from run to run.
fn without(broken: &Broken, text: &str) -> String {
    text.replace(&broken.first[..8], "0f1e2d3c").replace(&broken.second[..8], "c0ffee12")
}

#[test]
fn the_page_about_changes_shows_what_the_program_says() {
    let world = World::new();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/changes.md");
    let create = "create helmrelease api -n web --chart-ref=OCIRepository/api --interval=1h";
    for (name, line) in [
        ("preview", "suspend kustomization cache --dry-run"),
        ("suspend", "suspend kustomization cache --push"),
        ("again", "suspend kustomization cache --push"),
        ("create", &format!("{create} --push")),
        ("delete", "delete helmrelease api -n web --silent --push"),
    ] {
        golden_part(&page, name, &transcript(&world, line));
    }
    let line = "resume kustomization cache --pull-request --pr-reviewer=grace";
    world.forge.add_user("grace", "ghp_t0ken-0f-grace", "repo");
    let seen = world.ask(line);
    seen.succeeded();
    golden_part(&page, "request", &shown(&world, line, &seen));

    let broken = Broken::new();
    let line = "rollback kustomization/shop --push";
    golden_part(&page, "rollback", &without(&broken, &transcript(&broken.world, line)));
    let message = broken.world.git(&["log", "-1", "--format=%B", "main"]);
    golden_part(&page, "message", &without(&broken, &format!("```\n{message}\n```\n")));
}
