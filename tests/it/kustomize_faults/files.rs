//! Files and folders that lead in a cycle or outside, are not there, or cannot be read.

use super::ONE;
use super::Stage;
use crate::support::Cli;
use crate::support::Output;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;

#[test]
fn kustomizations_that_import_each_other_are_a_cycle_however_they_are_named() {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
    for (a, b, wanted) in [
        (
            "resources: [../b]\n".to_owned(),
            "resources: [../c]\n".to_owned(),
            "the resource \"../b\" of \"~/c/kustomization.yaml\", line 1",
        ),
        (
            "components: [../b]\n".to_owned(),
            format!("{component}resources: [../c]\n"),
            "the resource \"../c\" of \"~/b/kustomization.yaml\", line 3",
        ),
        (
            "bases:\n- ../link\n".to_owned(),
            "resources: [../c]\n".to_owned(),
            "the resource \"../link\" of \"~/a/kustomization.yaml\", line 2",
        ),
        (
            "generators: [../b]\n".to_owned(),
            "resources: [../c]\n".to_owned(),
            "the generator \"../b\" of \"~/a/kustomization.yaml\", line 1",
        ),
        (
            "resources: [../a/.]\n".to_owned(),
            String::new(),
            "the resource \"../a/.\" of \"~/a/kustomization.yaml\", line 1",
        ),
        ("resources: [..]\n".to_owned(), String::new(), "contains visited root '~/a'"),
    ] {
        let files = [
            ("a/kustomization.yaml", a.as_str()),
            ("b/kustomization.yaml", &b),
            ("c/kustomization.yaml", "resources: [../b]\n"),
            ("kustomization.yaml", "resources: [b]\n"),
        ];
        let stage = Stage::with(&files);
        symlink("b", stage.cli.home().join("link")).unwrap();
        let said = stage.refusal("a");
        assert!(said.contains("cycle detected: candidate root '~") && said.contains(wanted), "{a}: {said}");
    }
}

#[test]
fn files_outside_are_read_only_without_the_restriction() {
    let files = [("other/a.yaml", ONE), ("other/values.env", "a=b\n")];
    for (text, name) in [
        ("resources: [../other/a.yaml]", "../other/a.yaml"),
        ("resources: [link.yaml]", "link.yaml"),
        ("resources: [own.yaml]\npatches: [{path: ../other/a.yaml}]", "../other/a.yaml"),
        ("configMapGenerator: [{name: a, files: [../other/a.yaml]}]", "../other/a.yaml"),
        ("configMapGenerator: [{name: a, envs: [../other/values.env]}]", "../other/values.env"),
        ("resources: [folder/a.yaml]", "folder/a.yaml"),
    ] {
        let stage = Stage::with(&files);
        stage.write("app/kustomization.yaml", format!("{text}\n").as_bytes());
        stage.write("app/own.yaml", ONE.as_bytes());
        symlink("../other/a.yaml", stage.cli.home().join("app/link.yaml")).unwrap();
        symlink("../other", stage.cli.home().join("app/folder")).unwrap();
        let said = stage.refusal("app");
        let wanted = format!("the file \"{name}\" is not in or below \"~/app\"\n");
        assert!(said.ends_with(&wanted) && said.contains("kustomization.yaml\", line "), "{text}: {said}");
        let free = stage.cli.run(&["kustomize", "app", "--load-restrictor=LoadRestrictionsNone"]);
        assert!(free.succeeded().contains("name: a"), "{text}: {}", free.err);
    }
}

#[test]
fn what_is_not_a_readable_file_is_reported_as_what_it_is() {
    let stage = Stage::with(&[
        ("app/folder/x.txt", ""),
        ("app/locked/x.yaml", ONE),
        ("app/closed.yaml", ONE),
        ("app/own.yaml", ONE),
    ]);
    let home = stage.cli.home();
    let _socket = UnixListener::bind(home.join("app/socket")).unwrap();
    symlink("nowhere", home.join("app/dangling")).unwrap();
    symlink("loop", home.join("app/loop")).unwrap();
    for path in ["app/locked", "app/closed.yaml"] {
        std::fs::set_permissions(home.join(path), PermissionsExt::from_mode(0o000)).unwrap();
    }
    for (name, of_resource, of_patch) in [
        (
            "folder",
            "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '~/app/folder'",
            "\"folder\" in \"~/app\" is a folder",
        ),
        ("missing", "there is no such file or folder", "there is no \"missing\" in \"~/app\""),
        ("own.yaml/x", "there is no such file or folder", "there is no \"own.yaml/x\" in \"~/app\""),
        (
            "dangling",
            "it is a link that leads to nothing",
            "\"dangling\" in \"~/app\" is a link that leads to nothing",
        ),
        (
            "loop",
            "reading \"~/app/loop\": Too many levels of symbolic links",
            "reading \"~/app/loop\": Too many levels of symbolic links",
        ),
        ("socket", "\"~/app/socket\" is a socket, not a file", "\"~/app/socket\" is a socket, not a file"),
        (
            "locked/x.yaml",
            "reading \"~/app/locked/x.yaml\": Permission denied",
            "reading \"~/app/locked/x.yaml\": Permission denied",
        ),
        (
            "locked",
            "reading \"~/app/locked/kustomization.yaml\": Permission denied",
            "\"locked\" in \"~/app\" is a folder",
        ),
        (
            "closed.yaml",
            "reading \"~/app/closed.yaml\": Permission denied",
            "reading \"~/app/closed.yaml\": Permission denied",
        ),
    ] {
        for (text, wanted) in [
            (
                format!("resources:\n- own.yaml\n- {name}\n"),
                format!("the resource \"{name}\" of \"~/app/kustomization.yaml\", line 3: {of_resource}"),
            ),
            (
                format!("resources: [own.yaml]\npatches:\n- path: {name}\n"),
                format!("in \"~/app/kustomization.yaml\", line 3: {of_patch}"),
            ),
            (
                format!("secretGenerator:\n- name: a\n  files: [x={name}]\n"),
                format!("in \"~/app/kustomization.yaml\", line 2: the Secret \"a\": {of_patch}"),
            ),
        ] {
            stage.write("app/kustomization.yaml", text.as_bytes());
            let output = as_stranger(&stage.cli, &["kustomize", "app"]);
            let said = output.failed().replace(&stage.home, "~");
            assert!(said.contains(&wanted), "{text}: {said}");
        }
    }
    // Otherwise they could not be removed.
    for path in ["app/locked", "app/closed.yaml"] {
        std::fs::set_permissions(home.join(path), PermissionsExt::from_mode(0o755)).unwrap();
    }
}

/// Runs the program as a user who may not read everything, which root may.
fn as_stranger(cli: &Cli, arguments: &[&str]) -> Output {
    const STRANGER: u32 = 65_534;
    let output = |child: std::process::Output| Output {
        code: child.status.code().unwrap(),
        out: String::from_utf8(child.stdout).unwrap(),
        err: String::from_utf8(child.stderr).unwrap(),
    };
    if std::fs::read(cli.home().join("app/closed.yaml")).is_err() {
        return output(cli.command(arguments).output().unwrap());
    }
    std::fs::set_permissions(cli.home(), PermissionsExt::from_mode(0o755)).unwrap();
    // The program may be below a folder of root.
    let (built, copy) = (Path::new(env!("CARGO_BIN_EXE_fluxr")), cli.home().join("fluxr"));
    if !copy.exists() && std::fs::hard_link(built, &copy).is_err() {
        std::fs::copy(built, &copy).unwrap();
    }
    let mut command = cli.tool(&copy);
    output(command.args(arguments).uid(STRANGER).gid(STRANGER).output().unwrap())
}
