//! Who commits: the same that Git would write, whatever names them.

use super::world::TOKEN;
use super::world::World;
use super::world::said;
use crate::support::Output;
use std::path::Path;
use std::process::Command;

const FORM: &str = "--format=%an|%ae|%cn|%ce|%ad|%cd";
/// Dates as seconds and a time zone.
const DATES: &str = "--date=raw";

/// Variables that change nothing about whom a commit is by, unless the test sets them.
fn bare(mut command: Command) -> Command {
    command.env_remove("GIT_AUTHOR_NAME").env_remove("GIT_AUTHOR_EMAIL");
    command
}

struct Two {
    world: World,
    is_suspended: bool,
}

impl Two {
    fn new() -> Self {
        Self { world: World::new(), is_suspended: false }
    }

    fn write(&self, file: &str, text: &str) -> String {
        let file = self.world.cli.home().join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    }

    /// Commits with the program.
    fn run(&mut self, variables: &[(&str, &str)], folder: &Path) -> Output {
        let verb = if self.is_suspended { "resume" } else { "suspend" };
        let mut command = bare(self.world.cli.command(&[verb, "ks", "shop", "--push"]));
        command.envs(variables.iter().copied()).env("GIT_PASSWORD", TOKEN).current_dir(folder);
        let seen = said(command.output().unwrap());
        self.is_suspended ^= seen.code == 0;
        seen
    }

    /// Whom Git names in a commit.
    fn git(&self, variables: &[(&str, &str)], folder: &Path) -> String {
        let git = |arguments: &[&str]| {
            let mut command = bare(self.world.cli.tool("git"));
            let output = command.args(arguments).envs(variables.iter().copied()).current_dir(folder).output();
            let output = output.unwrap();
            assert!(output.status.success(), "{variables:?}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        if !folder.join(".git").exists() {
            git(&["init", "--quiet"]);
        }
        git(&["commit", "--quiet", "--allow-empty", "--message=x"]);
        git(&["log", "-1", FORM, DATES])
    }

    /// Both commit in this folder, by the same people.
    #[track_caller]
    fn agree(&mut self, variables: &[(&str, &str)], folder: &Path) -> String {
        let begun = jiff::Timestamp::now().as_second();
        let seen = self.run(variables, folder);
        let ended = jiff::Timestamp::now().as_second();
        assert_eq!(seen.code, 0, "{variables:?}: {}", seen.err);
        let ours = self.world.git(&["log", "-1", FORM, DATES, "main"]);
        let theirs = self.git(variables, folder);
        let (ours, theirs): (Vec<_>, Vec<_>) = (ours.split('|').collect(), theirs.split('|').collect());
        assert_eq!(ours[..4], theirs[..4], "{variables:?}");
        for (field, name) in [(4, "GIT_AUTHOR_DATE"), (5, "GIT_COMMITTER_DATE")] {
            if variables.iter().any(|(set, _)| *set == name) {
                assert_eq!(ours[field], theirs[field], "{variables:?}");
                continue;
            }
            // A date that is not given is that of the moment, and Git runs at a later one.
            let [(seconds, zone), (_, wanted)] =
                [ours[field], theirs[field]].map(|date| date.split_once(' ').unwrap());
            let seconds: i64 = seconds.parse().unwrap();
            assert!(
                (begun..=ended).contains(&seconds),
                "{variables:?}: {name} {seconds}, {begun} to {ended}"
            );
            assert_eq!(zone, wanted, "{variables:?}");
        }
        ours[..4].join("|")
    }
}

#[test]
fn a_commit_is_by_whom_git_would_name() {
    let mut two = Two::new();
    two.write(".gitconfig", "[user]\n\tname = Home\n\temail = home@example.com\n");
    let xdg = two.write("xdg/git/config", "[user]\n\tname = Xdg\n[author]\n\tname = Writer\n");
    let xdg = xdg.trim_end_matches("/git/config").to_owned();
    let global = two.write("global", "[user]\n\tname = Global\n\temail = global@example.com\n");
    let named = two.write("named", "[user]\n\tname = Only a Name\n");
    let roles = two.write(
        "roles",
        "[user]\n\tname = U\n\temail = u@example.com\n[author]\n\tname = A\n\temail = a@example.com\n[committer]\n\tname = C\n",
    );
    let empty = two.write("empty", "[user]\n\tname = Empty\n\temail =\n[author]\n\temail =\n");
    let system = two.write(
        "system",
        "[user]\n\tname = System\n\temail = system@example.com\n[committer]\n\tname = Machine\n",
    );
    let folder = two.world.cli.home().join("work");
    std::fs::create_dir(&folder).unwrap();
    let mut seen = Vec::new();
    for variables in [
        &[][..],
        &[("GIT_CONFIG_GLOBAL", &*global)],
        &[("GIT_CONFIG_GLOBAL", &*roles)],
        &[("GIT_CONFIG_GLOBAL", &*empty)],
        &[("XDG_CONFIG_HOME", &*xdg)],
        &[("XDG_CONFIG_HOME", &*xdg), ("GIT_CONFIG_GLOBAL", &*global)],
        &[("GIT_CONFIG_SYSTEM", &*system)],
        &[("GIT_CONFIG_SYSTEM", &*system), ("GIT_CONFIG_GLOBAL", "")],
        &[("GIT_CONFIG_SYSTEM", &*system), ("GIT_CONFIG_GLOBAL", "/dev/null")],
        &[("GIT_CONFIG_SYSTEM", &*system), ("GIT_CONFIG_GLOBAL", "/not/there")],
        &[("GIT_CONFIG_SYSTEM", &*system), ("GIT_CONFIG_NOSYSTEM", "1")],
        &[("GIT_CONFIG_SYSTEM", &*system), ("GIT_CONFIG_NOSYSTEM", "off")],
        &[("GIT_CONFIG_GLOBAL", &*named), ("EMAIL", "mail@example.com")],
        &[("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.com")],
        &[("GIT_COMMITTER_NAME", "Bot"), ("GIT_COMMITTER_EMAIL", "bot@example.com")],
        &[("GIT_AUTHOR_EMAIL", ""), ("GIT_CONFIG_GLOBAL", &*global)],
        &[("GIT_AUTHOR_NAME", "Ada"), ("GIT_CONFIG_GLOBAL", &*roles)],
        &[("GIT_AUTHOR_DATE", "2026-01-31T12:00:00+01:00")],
        &[
            ("GIT_AUTHOR_DATE", "@1769857200 -0130"),
            ("GIT_COMMITTER_DATE", "Sat, 31 Jan 2026 12:00:00 +0100"),
        ],
        &[("GIT_COMMITTER_DATE", "2026-01-31 12:00:00"), ("GIT_AUTHOR_DATE", "1769857200 +0000")],
        &[
            ("GIT_CONFIG_COUNT", "2"),
            ("GIT_CONFIG_KEY_0", "user.name"),
            ("GIT_CONFIG_VALUE_0", "Given"),
            ("GIT_CONFIG_KEY_1", "author.email"),
            ("GIT_CONFIG_VALUE_1", "given@example.com"),
        ],
    ] {
        seen.push(two.agree(variables, &folder));
    }
    assert_eq!(seen[1], "Global|global@example.com|Global|global@example.com");
    assert_eq!(seen[2], "A|a@example.com|C|u@example.com");
    assert_eq!(seen[7], "System|system@example.com|Machine|system@example.com");
}

#[test]
fn the_own_configuration_of_a_checkout_of_the_fleet_counts() {
    let mut two = Two::new();
    two.write(
        ".gitconfig",
        "[user]\n\tname = Home\n\temail = home@example.com\n[includeIf \"gitdir:~/fleet/\"]\n\tpath = work\n",
    );
    two.write("work", "[user]\n\temail = work@example.com\n");
    let url = two.world.url();
    let [fleet, other] = ["fleet", "other"].map(|name| two.world.cli.home().join(name));
    for (folder, remote) in [(&fleet, url.as_str()), (&other, "https://example.com/ada/other.git")] {
        std::fs::create_dir(folder).unwrap();
        two.git(&[], folder);
        for words in [&["remote", "add", "origin", remote][..], &["config", "user.name", "Local"]] {
            let mut git = two.world.cli.tool("git");
            assert!(git.args(words).current_dir(folder).status().unwrap().success());
        }
    }
    let global = two.write("global", "[user]\n\tname = Global\n\temail = global@example.com\n");
    assert!(two.agree(&[], &fleet).starts_with("Local|work@example.com|"));
    assert!(two.agree(&[("GIT_CONFIG_GLOBAL", &global)], &fleet).starts_with("Local|global@example.com|"));
    two.run(&[], &other).succeeded();
    assert_eq!(two.world.git(&["log", "-1", "--format=%an", "main"]), "Home");
}

#[test]
fn what_git_refuses_to_read_is_refused_with_its_name() {
    let mut two = Two::new();
    let broken = two.write("broken", "[user\n\tname = x\n");
    let home = two.world.cli.home().to_owned();
    for (variables, words) in [
        (&[("GIT_CONFIG_GLOBAL", &*broken)][..], &*broken),
        (&[("GIT_CONFIG_NOSYSTEM", "perhaps")], "GIT_CONFIG_NOSYSTEM is \"perhaps\""),
        (&[("GIT_CONFIG_COUNT", "many")], "GIT_CONFIG_COUNT is \"many\""),
        (&[("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "user.name")], "GIT_CONFIG_VALUE_0 is missing"),
        (&[("GIT_AUTHOR_DATE", "soon")], "GIT_AUTHOR_DATE"),
        (&[("GIT_COMMITTER_DATE", "2026-01-31")], "GIT_COMMITTER_DATE"),
    ] {
        let seen = two.run(variables, &home);
        assert!(seen.failed().contains(words), "{variables:?}: {}", seen.err);
    }
    assert_eq!(two.world.commits(), ["the fleet"]);
}

#[test]
fn a_credential_helper_is_found_where_git_finds_it() {
    let world = World::new();
    let file = world.cli.home().join("elsewhere");
    let helper =
        format!("[credential]\n\thelper = \"!f() {{ echo username=ada; echo password={TOKEN}; }}; f\"\n");
    std::fs::write(&file, helper).unwrap();
    let run = |line: &str, variables: &[(&str, &str)]| {
        let mut command = world.cli.command(&line.split_whitespace().collect::<Vec<_>>());
        said(command.envs(variables.iter().copied()).output().unwrap())
    };
    let file = file.to_str().unwrap();
    run("suspend ks shop --push", &[("GIT_CONFIG_GLOBAL", file)]).succeeded();
    run("resume ks shop --push", &[("GIT_CONFIG_SYSTEM", file)]).succeeded();
    let hidden = [("GIT_CONFIG_SYSTEM", file), ("GIT_CONFIG_NOSYSTEM", "true")];
    run("suspend ks shop --push", &hidden).failed();
}

#[test]
fn a_request_of_a_committer_of_ones_own_is_worked_out_again() {
    let world = World::at("gitea", &[]);
    let line = "suspend ks shop --pull-request";
    let run = || {
        let mut command = world.asking(line);
        command.env("GIT_COMMITTER_NAME", "Bot").env("GIT_COMMITTER_EMAIL", "bot@example.com");
        said(command.output().unwrap())
    };
    run().succeeded();
    let text = world.file("clusters/one/shop.yaml").unwrap().replace("prune: true", "prune: false");
    world.forge.commit(world.repository, "main", &[("clusters/one/shop.yaml", Some(&text))], "base").unwrap();
    let said = run();
    assert_eq!(said.succeeded(), "");
    assert!(said.err.contains("✔ updated pull request #1") && !said.err.contains("keeping"), "{}", said.err);
    let commits = world.forge.commits(world.repository, &world.request().head).unwrap();
    assert_eq!(commits[1], "base", "it is one commit again");
}
