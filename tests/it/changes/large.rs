//! A repository of ten thousand files and fifty thousand commits: only what is needed is fetched.

use super::rolling_back::Broken;
use super::world::World;
use std::time::Instant;

const FILES: usize = 10_000;
const COMMITS: usize = 50_000;

/// What a line makes the server send, in bytes.
#[expect(clippy::print_stdout, reason = "--show-output shows it")]
fn fetched(world: &World, line: &str) -> u64 {
    let before = world.forge.requests().len();
    let begun = Instant::now();
    let said = world.run(line);
    assert_eq!(said.code, 0, "{line}: {}", said.err);
    let bytes = world.forge.requests().split_off(before).iter().map(|one| one.bytes).sum();
    println!("{line}: {bytes} bytes, {:.1} s", begun.elapsed().as_secs_f32());
    bytes
}

#[test]
fn only_what_is_needed_is_fetched_from_a_large_repository() {
    let Broken { world, first, .. } = Broken::new();
    let small = [
        fetched(
            &world,
            "create kustomization one --source=GitRepository/flux-system --path=./apps/one --push",
        ),
        fetched(&world, "history ks/shop"),
        fetched(&world, &format!("rollback ks/shop --to={first} --dry-run")),
    ];
    world.forge.grow(world.repository, FILES, COMMITS).unwrap();
    let count = world.git(&["rev-list", "--count", "main"]);
    assert!(count.parse::<usize>().unwrap() > COMMITS, "{count}");
    let whole: u64 = world
        .git(&["count-objects", "-v"])
        .lines()
        .filter_map(|line| line.strip_prefix("size-pack: "))
        .map(|kib| kib.parse::<u64>().unwrap() * 1024)
        .sum();
    println!("the whole repository: {whole} bytes");
    let create = fetched(
        &world,
        "create kustomization two --source=GitRepository/flux-system --path=./apps/two --push",
    );
    // One commit with its files, and none of those before.
    assert!(create < whole / 4, "{create} of {whole}");
    // Forges give a commit by its name, and can leave files out.
    for setting in ["uploadpack.allowAnySHA1InWant", "uploadpack.allowFilter"] {
        world.git(&["config", setting, "true"]);
    }
    let history = fetched(&world, "history ks/shop");
    assert!(history < small[1] + 2_000, "{history}");
    let to_first = format!("rollback ks/shop --to={first} --dry-run");
    // With the commits and folders of the branch, for the message.
    assert!(fetched(&world, &to_first) < 2 * create, "{to_first}");
    // Other servers give the last commits of a branch.
    world.git(&["config", "uploadpack.allowAnySHA1InWant", "false"]);
    let near = world.git(&["rev-parse", "main~150"]);
    let to_near = format!("rollback ks/shop --to={near} --dry-run");
    assert!(fetched(&world, &to_near) < 4 * create, "{to_near}");
    let all = fetched(&world, &to_first);
    assert!(all > whole / 2, "it was found in {all} of {whole}");
    assert_eq!(world.file("clusters/one/two.yaml").map(|text| text.contains("./apps/two")), Some(true));
}
