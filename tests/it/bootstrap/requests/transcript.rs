//! The transcripts of `docs/pull-requests.md`. `UPDATE=1 cargo test --test it transcript` writes them.

use super::stage::HEAD;
use super::stage::merge;
use super::stage::protected;
use crate::bootstrap::world::World;
use crate::support::golden_part;
use std::path::Path;
use testbed::forge::Merge;

/// What a run with these flags shows, as if the forge were github.com.
fn shown(world: &World, flags: &[&str]) -> String {
    let said = world.bootstrap(flags);
    let typed = "$ fluxr bootstrap github --owner=ada --personal --repository=fleet --path=./clusters/one";
    let text = format!("```console\n{typed} {}\n{}{}```\n", flags.join(" "), said.out, said.err);
    let text = text.replace(&world.forge.host(), "github.com").replace(" \n", "\n");
    let commit = regex::Regex::new("[0-9a-f]{40}").unwrap().replace_all(&text, "…").into_owned();
    regex::Regex::new("(ecdsa-sha2-nistp384) [^ \n]+").unwrap().replace_all(&commit, "$1 …").into_owned()
}

#[test]
fn the_page_about_requests_shows_what_happens() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pull-requests.md");
    let world = protected("github");
    golden_part(&page, "declined", &shown(&world, &[]));
    golden_part(&page, "opened", &shown(&world, &["--pull-request"]));
    let request = super::stage::only(&world);
    golden_part(&page, "body", &format!("```markdown\n{}```\n", request.body));
    golden_part(&page, "unchanged", &shown(&world, &["--pull-request"]));
    merge(&world, 1, Merge::Squash);
    golden_part(&page, "finished", &shown(&world, &["--pull-request"]));
    let plan = shown(&world, &["--network-policy=false", "--pull-request", "--dry-run"]);
    let short = plan.split("\n\n").next().unwrap_or_default();
    assert!(short.contains(HEAD), "{plan}");
    golden_part(&page, "plan", &format!("{}\n```\n", short.trim_end()));
}
