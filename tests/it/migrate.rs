//! `migrate`: objects in the cluster, and manifests in files.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::Output;
use crate::support::flux_object;
use serde_json::json;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::chown;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;

const START: &str = "► starting migration of custom resources\n";
const OLD: &str = "apiVersion: source.toolkit.fluxcd.io/v1beta2\nkind: GitRepository\n";
const NEW: &str = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn files_are_changed_in_the_lines_of_their_versions_only() {
    let cli = Cli::new();
    let home = cli.home();
    write(home, "apps/b.yaml", OLD);
    write(home, "apps/a/crlf.yml", &OLD.replace('\n', "\r\n"));
    write(home, "apps/odd.yaml", "apiVersion: a/b/c\nkind: X\n---\napiVersion: v1\nkind: Secret\n");
    write(home, "apps/c.txt", OLD);
    write(home, "apps/new.yaml", NEW);
    symlink("b.yaml", home.join("apps/link.yaml")).unwrap();
    std::fs::create_dir(home.join("apps/folder.yaml")).unwrap();
    std::fs::set_permissions(home.join("apps/b.yaml"), std::fs::Permissions::from_mode(0o640)).unwrap();
    let found = "✚ apps/a/crlf.yml:1: GitRepository v1beta2 -> v1\n✚ apps/b.yaml:1: GitRepository v1beta2 -> v1\n\
                 ⚠️ apps/odd.yaml:1: unexpected GroupVersion string: a/b/c\n";
    let begun = format!("{START}⚠️ skipping irregular file apps/link.yaml\n{found}");

    let seen = cli.run(&["migrate", "-f", "./apps/", "--dry-run"]);
    assert_eq!(seen.succeeded(), "");
    assert_eq!(seen.err, format!("{begun}✔ dry-run mode enabled, no changes will be made\n"));
    assert_eq!(read(home, "apps/b.yaml"), OLD);
    // Without an answer nothing is changed either.
    let seen = cli.run(&["migrate", "-f", "apps"]);
    assert!(
        seen.failed().contains("Are you sure you want to proceed with the above upgrades? [y/N]"),
        "{seen:?}"
    );
    assert!(seen.err.contains("pass --yes"), "{seen:?}");
    assert_eq!(read(home, "apps/b.yaml"), OLD);

    let seen = cli.run(&["migrate", "-f", "apps", "-y"]);
    assert_eq!(seen.succeeded(), "");
    let done = "✔ file apps/a/crlf.yml migrated successfully\n✔ file apps/b.yaml migrated successfully\n\
                ✔ custom resources migrated successfully\n";
    assert_eq!(seen.err, format!("{begun}{done}"));
    assert_eq!(read(home, "apps/b.yaml"), NEW);
    assert_eq!(read(home, "apps/a/crlf.yml"), NEW.replace('\n', "\r\n"));
    assert_eq!(read(home, "apps/c.txt"), OLD);
    let mode = std::fs::metadata(home.join("apps/b.yaml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(std::fs::symlink_metadata(home.join("apps/link.yaml")).unwrap().is_symlink());
    let left: Vec<_> = std::fs::read_dir(home.join("apps")).unwrap().collect();
    assert_eq!(left.len(), 7, "{left:?}");
    let seen = cli.run(&["migrate", "-f", "apps", "-e", ".yml,.yaml", "--yes"]);
    assert!(seen.err.ends_with("✔ no custom resources found that require migration\n"), "{seen:?}");
}

#[test]
fn a_yes_is_enough_and_an_older_release_has_its_own_versions() {
    let cli = Cli::new();
    let image = |version: &str| format!("apiVersion: image.toolkit.fluxcd.io/{version}\nkind: ImagePolicy\n");
    write(cli.home(), "a.yaml", &image("v1"));
    let seen = cli.answer(&["migrate", "-f", "a.yaml", "-v", "2.6"], "y\n");
    assert!(
        seen.err.ends_with("✔ file a.yaml migrated successfully\n✔ custom resources migrated successfully\n"),
        "{seen:?}"
    );
    assert_eq!(read(cli.home(), "a.yaml"), image("v1beta2"));
    let seen = cli.answer(&["migrate", "-f", "."], "n\n");
    assert!(seen.failed().ends_with("✗ aborting\n"), "{seen:?}");
    assert_eq!(read(cli.home(), "a.yaml"), image("v1beta2"));
}

#[test]
fn what_is_not_a_file_of_the_working_directory_is_refused() {
    let cli = Cli::new();
    let home = cli.home();
    write(home, "a.yaml", OLD);
    let outside = tempfile::tempdir().unwrap();
    symlink(outside.path(), home.join("out")).unwrap();
    symlink("a.yaml", home.join("link.yaml")).unwrap();
    for (words, said) in [
        ("-f none", "failed to stat path none: openat none: no such file or directory"),
        ("-f ../x", "failed to stat path ../x: open ../x: invalid argument"),
        ("-f /etc", "failed to stat path /etc: open /etc: invalid argument"),
        ("-f out", "failed to stat path out: openat out: path escapes from parent"),
        ("-f link.yaml", "file link.yaml is irregular"),
        ("-f a.yaml -e .json,.x", "file a.yaml does not match the specified extensions: .json, .x"),
    ] {
        let words: Vec<&str> = ["migrate"].into_iter().chain(words.split(' ')).collect();
        assert_eq!(cli.run(&words).failed(), format!("{START}✗ {said}\n"), "{words:?}");
    }
    let seen = cli.run(&["migrate", "-f", ".", "--version=2.1"]);
    assert_eq!(seen.failed(), "✗ version 2.1 is not supported, supported versions are: 2.9, 2.8, 2.7, 2.6\n");
    let seen = cli.run(&["migrate", "word"]);
    assert_eq!(seen.failed(), "✗ unknown command \"word\" for \"fluxr migrate\"\n");
    assert_eq!(read(home, "a.yaml"), OLD);
}

/// The program as someone who has no rights but those of the files, which root would not need. Everything in the home is theirs.
fn run_without_rights(cli: &Cli, words: &[&str]) -> Output {
    let (stranger, mut command) = (65534, cli.command(words));
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        let mut open = vec![cli.home().to_owned()];
        while let Some(path) = open.pop() {
            chown(&path, Some(stranger), Some(stranger)).unwrap();
            if path.is_dir() {
                open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            }
        }
        command.uid(stranger).gid(stranger);
    }
    let ended = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Output { code: ended.status.code().unwrap(), out: text(ended.stdout), err: text(ended.stderr) }
}

/// The program where everyone may run it: the folder that it was built in may be closed to others.
fn open_to_all() -> (tempfile::TempDir, Cli) {
    let folder = tempfile::tempdir().unwrap();
    let (built, program) = (env!("CARGO_BIN_EXE_fluxr"), folder.path().join("fluxr"));
    std::fs::hard_link(built, &program).or_else(|_| std::fs::copy(built, &program).map(drop)).unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    (folder, Cli::new().of(&program))
}

#[test]
fn a_file_that_cannot_be_read_or_written_leaves_all_as_they_were() {
    let (_folder, cli) = open_to_all();
    let home = cli.home();
    for (mode, said) in [
        (0o444, "✗ failed to write file b.yaml: open b.yaml: permission denied\n"),
        (0o000, "✗ failed to read file b.yaml: openat b.yaml: permission denied\n"),
    ] {
        write(home, "a.yaml", OLD);
        write(home, "b.yaml", OLD);
        std::fs::set_permissions(home.join("b.yaml"), std::fs::Permissions::from_mode(mode)).unwrap();
        let seen = run_without_rights(&cli, &["migrate", "-f", ".", "-y"]);
        assert!(seen.failed().ends_with(said), "{seen:?}");
        assert_eq!(read(home, "a.yaml"), OLD);
        std::fs::set_permissions(home.join("b.yaml"), std::fs::Permissions::from_mode(0o644)).unwrap();
    }
}

#[test]
fn a_folder_that_takes_no_other_file_has_its_files_written_in_place() {
    let (_folder, cli) = open_to_all();
    let home = cli.home();
    write(home, "a.yaml", OLD);
    write(home, "apps/b.yaml", OLD);
    let mode =
        |mode| std::fs::set_permissions(home.join("apps"), std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o555);
    run_without_rights(&cli, &["migrate", "-f", ".", "-y"]).succeeded();
    assert_eq!((read(home, "a.yaml"), read(home, "apps/b.yaml")), (NEW.to_owned(), NEW.to_owned()));
    mode(0o000);
    let seen = run_without_rights(&cli, &["migrate", "-f", ".", "-y"]);
    mode(0o755);
    assert!(
        seen.failed().ends_with("✗ failed to walk directory .: openat apps: permission denied\n"),
        "{seen:?}"
    );
}

#[test]
fn an_interrupted_run_leaves_whole_files() {
    let cli = Cli::new();
    let home = cli.home();
    const COUNT: usize = 200;
    let rest = "# more\n".repeat(50_000);
    for number in 0..COUNT {
        write(home, &format!("{number:03}.yaml"), &format!("{OLD}{rest}"));
    }
    let before = std::fs::read_dir(home).unwrap().count();
    let mut running = cli.spawn(&["migrate", "-f", ".", "-y"]);
    let begins_new = || {
        let mut head = vec![0; NEW.len()];
        let read = std::fs::File::open(home.join("000.yaml")).and_then(|mut file| file.read_exact(&mut head));
        read.is_ok() && head == NEW.as_bytes()
    };
    while !begins_new() {
        assert!(running.is_running() || begins_new());
        std::thread::yield_now();
    }
    assert_eq!(running.interrupt(), 130);
    let mut heads = [OLD, NEW].map(|head| (format!("{head}{rest}"), 0));
    for number in 0..COUNT {
        let text = read(home, &format!("{number:03}.yaml"));
        let head = heads.iter_mut().find(|(whole, _)| *whole == text);
        head.unwrap_or_else(|| panic!("{number}: {} bytes", text.len())).1 += 1;
    }
    let [(_, old), (_, new)] = heads;
    // It ended in the middle, and left nothing else.
    assert!(old > 0 && new > 0, "{old} as they were, {new} migrated");
    assert_eq!(std::fs::read_dir(home).unwrap().count(), before);
}

fn cluster() -> ApiServer {
    let server = ApiServer::with_flux();
    for name in ["app", "web"] {
        server.put(flux_object("GitRepository", name, json!({}), json!({})));
    }
    server
}

const DEFINITION: &str = "gitrepositories.source.toolkit.fluxcd.io";

/// Says that objects of an older version are stored, too.
fn with_older_version(server: &ApiServer) {
    let mut definition = server.get("CustomResourceDefinition", "", DEFINITION).unwrap();
    definition["metadata"]["labels"] = json!({"app.kubernetes.io/part-of": "flux"});
    definition["status"]["storedVersions"] = json!(["v1beta2", "v1"]);
    server.put(definition);
}

#[test]
fn every_object_is_written_once_and_then_no_older_version_is_stored() {
    let server = cluster();
    with_older_version(&server);
    let cli = Cli::against(&server);
    let patches =
        |server: &ApiServer| server.requests().iter().filter(|request| request.starts_with("PATCH")).count();
    let seen = cli.run(&["migrate", "--dry-run"]);
    seen.succeeded();
    assert!(
        seen.err.contains("► GitRepository/flux-system/app would be written in version v1\n"),
        "{seen:?}"
    );
    assert!(seen.err.ends_with("✔ dry-run mode enabled, no changes will be made\n"), "{seen:?}");
    assert_eq!(patches(&server), 0);

    let seen = cli.run(&["migrate"]);
    assert_eq!(seen.succeeded(), "");
    let wanted = format!(
        "{START}✔ GitRepository/flux-system/app migrated to version v1\n✔ GitRepository/flux-system/web migrated to version v1\n\
         ✔ {DEFINITION} migrated to storage version v1\n✔ custom resources migrated successfully\n"
    );
    assert_eq!(seen.err, wanted);
    let definition = server.get("CustomResourceDefinition", "", DEFINITION).unwrap();
    assert_eq!(definition["status"]["storedVersions"], json!(["v1"]));
    let seen = cli.run(&["migrate"]);
    assert!(!seen.err.contains("storage version"), "{seen:?}");
}

#[test]
fn a_conflict_is_tried_again_and_a_refusal_ends_the_run() {
    let server = cluster();
    with_older_version(&server);
    server.fail("PATCH", "/gitrepositories/web", 1, Fault::Status(409));
    let seen = Cli::against(&server).run(&["migrate"]);
    seen.succeeded();
    assert_eq!(seen.err.matches("GitRepository/flux-system/app migrated").count(), 2, "{seen:?}");

    for (method, part, said) in [
        ("GET", "/customresourcedefinitions", "✗ failed to list CRDs: "),
        (
            "GET",
            "/gitrepositories",
            "✗ failed to migrate resources for CRD gitrepositories.source.toolkit.fluxcd.io: \
             failed to list resources for CRD gitrepositories.source.toolkit.fluxcd.io: ",
        ),
        (
            "PATCH",
            "/gitrepositories/app",
            "✗ failed to migrate resources for CRD gitrepositories.source.toolkit.fluxcd.io: \
             GitRepository/flux-system/app failed to migrate: ",
        ),
        (
            "PATCH",
            "/customresourcedefinitions/",
            "✗ failed to update CRD gitrepositories.source.toolkit.fluxcd.io status: ",
        ),
    ] {
        let server = cluster();
        with_older_version(&server);
        server.fail(method, part, usize::MAX, Fault::Status(403));
        let seen = Cli::against(&server).run(&["migrate"]);
        assert!(seen.failed().contains(said), "{said}: {seen:?}");
        assert!(!seen.err.contains("custom resources migrated successfully"), "{seen:?}");
    }
    let bare = ApiServer::empty();
    let seen = Cli::against(&bare).run(&["migrate"]);
    assert!(seen.err.ends_with("✔ custom resources migrated successfully\n"), "{seen:?}");
}
