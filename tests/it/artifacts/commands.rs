//! What each command does when all goes well, and what it refuses.

use super::shared::entries;
use super::shared::files_below;
use super::shared::stage;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::symlink;
use std::time::Duration;

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn what_is_pushed_is_pulled() {
    let stage = stage();
    let seen = stage.push("v1");
    let host = stage.registry.host();
    let digest = seen.err.rsplit_once('@').unwrap().1.trim_end().to_owned();
    assert_eq!(
        seen.err,
        format!(
            "► pushing artifact to {host}/org/app:v1\n✔ artifact successfully pushed to {host}/org/app@{digest}\n"
        )
    );
    let manifest = read(std::str::from_utf8(&stage.registry.manifest("org/app", "v1").unwrap()).unwrap());
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.cncf.flux.config.v1+json");
    assert_eq!(manifest["annotations"]["org.opencontainers.image.revision"], "main@sha1:abc");
    let seen = stage.run("pull artifact URL:v1 -o out");
    seen.succeeded();
    assert_eq!(
        seen.err,
        format!(
            "► pulling artifact from {host}/org/app:v1\n✔ source git\n✔ revision main@sha1:abc\n\
             ✔ digest {host}/org/app@{digest}\n✔ artifact content extracted to out\n"
        )
    );
    let files = stage.pulled();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["base/map.yaml", "deploy.yaml"]);
    assert_eq!(files["deploy.yaml"], "kind: Deployment\n");
    stage.run(&format!("pull artifact URL@{digest} -o out")).succeeded();
    assert!(stage.registry.requests().iter().all(|request| request.agent.starts_with("flux/v2 ")));
}

#[test]
fn a_push_that_can_be_reproduced_has_the_same_digest_every_time() {
    let stage = stage();
    let line = "push artifact URL:v1 --path app --source=git --revision=main --reproducible -o json";
    let first = stage.run(line);
    let pushed = read(first.succeeded());
    assert_eq!(first.err, "");
    let digest = pushed["digest"].as_str().unwrap();
    let host = stage.registry.host();
    assert_eq!(pushed["url"], format!("oci://{host}/org/app@{digest}"));
    assert_eq!((&pushed["repository"], &pushed["tag"]), (&format!("{host}/org/app").into(), &"v1".into()));
    assert!(first.out.starts_with("{\n  \"url\": "), "{}", first.out);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(stage.run(line).out, first.out);
    let yaml = stage.run(&line.replace("json", "yaml"));
    assert!(
        yaml.succeeded()
            .starts_with(&format!("digest: {digest}\nrepository: {host}/org/app\ntag: v1\nurl: oci://"))
    );
    // The content was there already.
    let uploads = stage.registry.requests().iter().filter(|request| request.method == "POST").count();
    assert_eq!(uploads, 2);
}

#[test]
fn annotations_may_have_every_value_and_win_over_those_of_flux() {
    let stage = stage();
    let push = "push artifact URL:v1 --path app --source=git --revision=main";
    stage.run(&format!("{push} -a key=a=b -a org.opencontainers.image.source=other")).succeeded();
    let manifest = read(std::str::from_utf8(&stage.registry.manifest("org/app", "v1").unwrap()).unwrap());
    assert_eq!(manifest["annotations"]["key"], "a=b");
    assert_eq!(manifest["annotations"]["org.opencontainers.image.source"], "other");
    let seen = stage.run(&format!("{push} -a key"));
    assert_eq!(seen.failed(), "✗ invalid annotation key, must be in the format key=value\n");
    let seen = stage.run(&format!("{push} -a org.opencontainers.image.created=now"));
    assert!(seen.failed().contains("invalid created timestamp \"now\""), "{}", seen.err);
}

#[test]
fn tags_are_given_and_listed() {
    let stage = stage();
    stage.push("1.0.0");
    let host = stage.registry.host();
    let seen = stage.run("tag artifact URL:1.0.0 --tag 1.1.0,latest --tag 2.0.0-rc.1 --tag sha256-abc.sig");
    seen.succeeded();
    assert!(
        seen.err.starts_with(&format!("► tagging artifact\n✔ artifact tagged as {host}/org/app:1.1.0\n"))
    );
    let tags = |more: &str| -> Vec<String> {
        let seen = stage.run(&format!("list artifacts URL -o json{more}"));
        let rows = read(seen.succeeded());
        rows.as_array().unwrap().iter().map(|row| row["tag"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(tags(""), ["latest", "2.0.0-rc.1", "1.1.0", "1.0.0"]);
    assert_eq!(tags(" --filter-semver=>=1.0.0"), ["1.1.0", "1.0.0"]);
    assert_eq!(tags(" --filter-regex=^1"), ["1.1.0", "1.0.0"]);
    assert_eq!(tags(" --filter-regex=^1 --filter-semver=1.0.x"), ["1.0.0"]);
    let table = stage.run("list artifacts URL --filter-regex=^1");
    let lines: Vec<&str> = table.succeeded().lines().collect();
    assert!(
        lines[0].starts_with("ARTIFACT") && lines[0].ends_with("SOURCE\tREVISION      "),
        "{}",
        table.out
    );
    assert!(lines[1].starts_with(&format!("{host}/org/app:1.1.0\tsha256:")), "{}", table.out);
    assert_eq!(
        stage.run("list artifacts URL --filter-regex=^x").succeeded(),
        "ARTIFACT\tDIGEST\tSOURCE\tREVISION \n"
    );
    let names = stage.run("list artifacts URL --filter-regex=^1.1 -o name");
    assert_eq!(names.succeeded(), format!("artifact/{host}/org/app:1.1.0\n"));
}

#[test]
fn a_thousand_pages_of_tags_are_read_and_asked_for_side_by_side() {
    let stage = stage();
    for number in 0..1000 {
        stage.put(&format!("0.0.{number}"), b"none");
    }
    stage.registry.page(1);
    stage.registry.slow_down(Duration::from_millis(200));
    let seen = stage.run("list artifacts URL --filter-semver=<0.0.40 -o name");
    assert_eq!(seen.succeeded().lines().count(), 40);
    // As many as docs/compatibility.md says.
    assert_eq!(stage.registry.most_at_once(), 16);
    let pages = stage.registry.requests().iter().filter(|request| request.path.contains("tags/list")).count();
    assert_eq!(pages, 1000);
}

#[test]
fn a_difference_is_told_by_the_names_of_files() {
    let stage = stage();
    stage.push("v1");
    let seen = stage.run("diff artifact URL:v1 --path app");
    assert_eq!((seen.succeeded(), seen.err.as_str()), ("", "✔ no changes detected\n"));
    let app = stage.cli.home().join("app");
    std::fs::write(app.join("deploy.yaml"), "kind: StatefulSet\n").unwrap();
    std::fs::write(app.join("new.yaml"), "").unwrap();
    std::fs::remove_file(app.join("base/map.yaml")).unwrap();
    std::fs::write(app.join("other.png"), "not part of it").unwrap();
    let seen = stage.run("diff artifact URL:v1 --path app");
    assert_eq!(seen.failed(), "✗ the remote artifact contents differs from the local one\n");
    assert_eq!(seen.out, "base/map.yaml: removed\ndeploy.yaml: modified\nnew.yaml: added\n");
    stage.push("v1");
    std::fs::set_permissions(app.join("new.yaml"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let seen = stage.run("diff artifact URL:v1 --path app");
    assert_eq!((seen.code, seen.out.as_str()), (1, "new.yaml: mode changed\n"));
}

#[test]
fn an_archive_is_built_in_lexical_order_without_what_is_ignored() {
    let stage = stage();
    let home = stage.cli.home();
    symlink("deploy.yaml", home.join("app/link.yaml")).unwrap();
    let build = |more: &str| {
        stage.run(&format!("build artifact --path app{more}")).succeeded();
        entries(&std::fs::read(home.join("artifact.tgz")).unwrap())
    };
    let usual =
        ["d755 .", "d755 base", "-644 base/map.yaml kind: ConfigMap", "-644 deploy.yaml kind: Deployment"];
    for (path, mode) in
        [("app", 0o755), ("app/base", 0o755), ("app/base/map.yaml", 0o644), ("app/deploy.yaml", 0o644)]
    {
        std::fs::set_permissions(home.join(path), std::fs::Permissions::from_mode(mode)).unwrap();
    }
    assert_eq!(build(""), usual);
    let mode = home.join("artifact.tgz").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(build(" --ignore-paths=*.yaml,.git/"), ["d755 .", "d755 base", "-644 picture.png no picture"]);
    assert_eq!(build(" --add-ignore-paths=base/"), ["d755 .", "-644 deploy.yaml kind: Deployment"]);
    assert_eq!(build(" --resolve-symlinks").last().unwrap(), "-644 link.yaml kind: Deployment");
    symlink("..", home.join("app/base/cycle")).unwrap();
    assert_eq!(build(" --resolve-symlinks")[2], "d755 base/cycle");
    symlink("nowhere", home.join("app/broken")).unwrap();
    assert_eq!(build(""), usual);
    // Before anything else is done, as there.
    let target = |link: &str, why: &str| {
        format!("✗ resolving symlinks failed: resolving symlink {}/app/{link}: {why}\n", home.display())
    };
    let missing = |name: &str| format!("lstat {}/app/{name}: no such file or directory", home.display());
    for line in ["build artifact", "push artifact URL:v1 --source=a --revision=b"] {
        let seen = stage.run(&format!("{line} --path app --resolve-symlinks"));
        assert_eq!(seen.failed(), target("broken", &missing("nowhere")));
    }
    std::fs::remove_file(home.join("app/broken")).unwrap();
    symlink("second", home.join("app/first")).unwrap();
    symlink("base/none/file", home.join("app/second")).unwrap();
    let seen = stage.run("build artifact --path app --resolve-symlinks");
    assert_eq!(seen.failed(), target("first", &missing("base/none")));
    std::fs::remove_file(home.join("app/second")).unwrap();
    symlink("first", home.join("app/second")).unwrap();
    let seen = stage.run("build artifact --path app --resolve-symlinks");
    assert_eq!(seen.failed(), target("first", "EvalSymlinks: too many links"));
}

#[test]
fn a_pattern_that_go_does_not_take_is_refused() {
    let stage = stage();
    stage.push("v1");
    for (pattern, reason) in
        [("x{1001}", "not a regular expression of Go"), ("[a", "unclosed character class")]
    {
        let seen = stage.run(&format!("list artifacts URL --filter-regex={pattern}"));
        assert_eq!(seen.failed(), format!("✗ regex '{pattern}' parse error: {reason}\n"));
    }
    stage.run("list artifacts URL --filter-regex=v{1000}").succeeded();
}

#[test]
fn a_file_or_standard_input_is_an_artifact_of_one_file() {
    let stage = stage();
    let home = stage.cli.home();
    stage.run("build artifact -p app/deploy.yaml -o one.tgz").succeeded();
    assert_eq!(
        entries(&std::fs::read(home.join("one.tgz")).unwrap()),
        ["d700 .", "-644 deploy.yaml kind: Deployment"]
    );
    let seen = stage.run_with("build artifact -p - -o two.tgz", "kind: Pod\n\r\n\n");
    seen.succeeded();
    assert_eq!(seen.err, "► building artifact from standard input\n✔ artifact created at two.tgz\n");
    assert_eq!(
        entries(&std::fs::read(home.join("two.tgz")).unwrap()),
        ["d700 .", "-600 stdin.yaml kind: Pod"]
    );
    stage.run_with("push artifact URL:v1 -f - --source=a --revision=b", "kind: Pod\n").succeeded();
    stage.run("pull artifact URL:v1 -o out").succeeded();
    assert_eq!(files_below(&home.join("out"))["stdin.yaml"], "kind: Pod");
}

#[test]
fn long_and_foreign_names_survive() {
    let stage = stage();
    let name = format!("{}/{}.yaml", "folder".repeat(20), "é".repeat(60));
    let path = stage.cli.home().join("app").join(&name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "x").unwrap();
    stage.push("v1");
    stage.run("pull artifact URL:v1 -o out").succeeded();
    assert_eq!(stage.pulled()[&name], "x");
    stage.run("diff artifact URL:v1 --path app").succeeded();
}

#[test]
fn command_lines_are_judged_before_the_registry_is_asked() {
    let stage = stage();
    let push = "push artifact oci://127.0.0.1:1/org/app:v1";
    let needs = "--source=a --revision=b";
    for (line, says) in [
        ("push artifact", "artifact URL is required".to_owned()),
        (push, "--source is required".to_owned()),
        (&*format!("{push} --source=a"), "--revision is required".to_owned()),
        (&*format!("{push} {needs}"), "invalid path \"\"".to_owned()),
        (
            &*format!("{push} {needs} --path=none"),
            "invalid path 'none', must point to an existing directory or file: stat none: no such file or directory".to_owned(),
        ),
        (&*format!("push artifact app {needs} --path=app"), "URL must be in format 'oci://<domain>/<org>/<repo>'".to_owned()),
        (&*format!("push artifact oci://A/b {needs} --path=app"), "'oci://A/b' invalid URL: could not parse reference: A/b".to_owned()),
        ("pull artifact", "artifact URL is required".to_owned()),
        ("pull artifact x", "output path cannot be empty".to_owned()),
        ("pull artifact x -o none", "invalid output path \"none\": stat none: no such file or directory".to_owned()),
        ("pull artifact x -o app/deploy.yaml", "invalid output path \"app/deploy.yaml\": it is not a directory".to_owned()),
        ("pull artifact x -o out", "URL must be in format 'oci://<domain>/<org>/<repo>'".to_owned()),
        ("list artifacts", "artifact repository URL is required".to_owned()),
        ("tag artifact", "artifact name is required".to_owned()),
        ("tag artifact oci://127.0.0.1:1/org/app", "--tag is required".to_owned()),
        ("tag artifact oci://127.0.0.1:1/org/app --tag=a/b", "\"a/b\" cannot be a tag".to_owned()),
        ("diff artifact", "artifact URL is required".to_owned()),
        ("diff artifact x", "invalid path \"\"".to_owned()),
        ("diff artifact oci://127.0.0.1:1/org/app --path none", "invalid path 'none', must point to an existing directory or file".to_owned()),
        ("build artifact", "invalid path \"\"".to_owned()),
        ("build artifact -p none", "invalid path 'none', must point to an existing directory or file".to_owned()),
        (&*format!("{push} --provider=mars"), "invalid argument \"mars\" for \"--provider\" flag: source OCI provider 'mars' is not supported, must be one of: generic, aws, azure, gcp".to_owned()),
    ] {
        assert_eq!(stage.run(line).failed(), format!("✗ {says}\n"), "{line}");
    }
    let repository = stage.run("list artifacts URL:v1");
    assert!(repository.failed().contains("listing tags failed: parsing repo \""), "{}", repository.err);
    assert_eq!(stage.registry.requests().len(), 0);
    stage.push("v1");
    for (filter, says) in [
        ("--filter-semver=x.y", "semver 'x.y' parse error: improper constraint: \"x.y\""),
        ("--filter-regex=[", "regex '[' parse error: unclosed character class"),
    ] {
        assert_eq!(stage.run(&format!("list artifacts URL {filter}")).failed(), format!("✗ {says}\n"));
    }
}

#[test]
fn a_pull_replaces_files_and_does_not_write_through_links() {
    let stage = stage();
    stage.push("v1");
    let home = stage.cli.home();
    std::fs::create_dir_all(home.join("out/base")).unwrap();
    std::fs::write(home.join("out/deploy.yaml"), "old, and longer than the new one").unwrap();
    std::fs::write(home.join("elsewhere"), "untouched").unwrap();
    symlink("../../elsewhere", home.join("out/base/map.yaml")).unwrap();
    stage.run("pull artifact URL:v1 -o out").succeeded();
    assert_eq!(stage.pulled()["deploy.yaml"], "kind: Deployment\n");
    assert!(!home.join("out/base/map.yaml").is_symlink());
    assert_eq!(std::fs::read_to_string(home.join("elsewhere")).unwrap(), "untouched");
}
