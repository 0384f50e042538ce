//! Which functions everyday runs call. The linker puts them beside each other, so that a start reads few pages of the program.

use crate::Cluster;
use crate::bench;
use crate::places;
use crate::release;
use crate::release::Symbols;
use crate::say;
use anyhow::Context;
use std::collections::HashMap;
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Objects of each of two kinds in the cluster that is asked.
const OBJECTS: usize = 5;

/// The runs whose functions count, those of every start first.
const RUNS: [&str; 10] = [
    "version --client",
    "--version",
    "kustomize one",
    "kustomize many",
    "build kustomization app --path=many --kustomization-file=app.yaml --dry-run",
    "create kustomization app --source=GitRepository/app --path=./app --prune --export",
    "create source git app --url=https://git.test/app --branch=main --export",
    "--help",
    "create source git --help",
    "get kustomizations -A",
];

/// Files of the folders that are built.
const FILES: [(&str, &str); 5] = [
    (
        "one/kustomization.yaml",
        "resources: [app.yaml]\nnamespace: apps\nnamePrefix: west-\nlabels:\n- pairs: {team: apps}\n",
    ),
    ("one/app.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\ndata:\n  colour: blue\n"),
    (
        "many/kustomization.yaml",
        "resources: [../one, app.yaml]\nnamespace: shop\nnamePrefix: east-\nlabels:\n- pairs: {team: shop}\n  includeSelectors: true\n\
         commonAnnotations: {owner: shop}\nimages:\n- name: app\n  newTag: '2'\nreplicas:\n- name: app\n  count: 2\n\
         configMapGenerator:\n- name: settings\n  literals: [colour=red]\npatches:\n- target: {kind: Deployment}\n  patch: |-\n    - op: add\n      path: /spec/paused\n      value: false\n\
         replacements:\n- source: {kind: ConfigMap, name: app, fieldPath: data.colour}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths: [spec.template.spec.containers.0.env.0.value]\n",
    ),
    (
        "many/app.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app\nspec:\n  selector:\n    matchLabels: {app: app}\n  template:\n    metadata:\n      labels: {app: app}\n\
         \x20   spec:\n      containers:\n      - name: app\n        image: app:1\n        env:\n        - name: COLOUR\n          value: blue\n        envFrom:\n        - configMapRef: {name: settings}\n\
         ---\napiVersion: v1\nkind: Service\nmetadata:\n  name: app\nspec:\n  selector: {app: app}\n  ports:\n  - port: 80\n",
    ),
    (
        "app.yaml",
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: app\n  namespace: flux-system\nspec:\n  interval: 1h\n  prune: true\n  path: ./many\n\
         \x20 sourceRef: {kind: GitRepository, name: app}\n  postBuild:\n    substitute: {colour: green}\n",
    ),
];

/// Builds a release with its symbols, runs it under valgrind, and writes `src/start.order`.
///
/// # Errors
/// valgrind is missing; changes that are not committed; a build or a run that fails.
pub fn order() -> anyhow::Result<()> {
    places::require(&[("valgrind", "tells which functions a run calls")])?;
    say::tell("Building a release with its symbols");
    let program = release::program(Symbols::Kept)?;

    let folder = tempfile::tempdir()?;
    for (name, text) in FILES {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap_or(folder.path()))?;
        fs::write(file, text)?;
    }
    let cluster = Cluster::start(&folder.path().join("cluster"))?;
    bench::fill(&cluster.kubeconfig(), &program, OBJECTS)?;

    // What no profile shows: it calls all the others.
    let mut names = vec!["_start".to_owned()];
    let mut known = HashSet::new();
    for words in RUNS {
        let called = called(&program, words, folder.path(), &cluster.kubeconfig())?;
        let before = names.len();
        names.extend(called.into_iter().filter(|name| known.insert(name.clone())));
        say::tell(&format!("{words}: {} that no run before it called", names.len() - before));
    }
    let file = places::checkout().join("src/start.order");
    fs::write(&file, names.join("\n") + "\n").with_context(|| format!("writing {}", file.display()))?;
    say::answer(&format!("{} functions in {}", names.len(), file.display()));
    Ok(())
}

/// The functions of the program that a run calls.
fn called(program: &Path, words: &str, folder: &Path, kubeconfig: &Path) -> anyhow::Result<Vec<String>> {
    let profile = folder.join("profile");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--demangle=no"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(program)
        .args(words.split(' '))
        .current_dir(folder)
        .env("KUBECONFIG", kubeconfig)
        .env("HOME", folder)
        .output()
        .context("running valgrind")?;
    anyhow::ensure!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(functions(&fs::read_to_string(profile)?, &program.to_string_lossy()))
}

/// The functions of one object of a profile. Callgrind writes each name only once, with a number, and then only the number.
fn functions(profile: &str, object: &str) -> Vec<String> {
    let mut objects = HashMap::new();
    let mut names = HashMap::new();
    let (mut is_own, mut found) = (false, Vec::new());
    for line in profile.lines() {
        let Some((key, value)) = line.split_once("=(") else { continue };
        let Some((number, name)) = value.split_once(')') else { continue };
        let known = match key {
            "ob" | "cob" => &mut objects,
            "fn" | "cfn" => &mut names,
            _ => continue,
        };
        if !name.is_empty() {
            known.insert(number, name.trim_start());
        }
        let name = known.get(number).copied().unwrap_or_default();
        match key {
            "ob" => is_own = name == object,
            // Calls of a function by itself have a number behind its name.
            "fn" if is_own && !name.starts_with("0x") => {
                found.push(name.split('\'').next().unwrap_or(name).to_owned());
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::functions;

    #[test]
    fn the_functions_of_the_program_itself_are_found() {
        let profile = "events: Ir\n\nob=(1) /lib/libc.so\nfn=(1) malloc\n1 2\n\nob=(2) /bin/fluxr\nfl=(1) ???\nfn=(2) main\n1 2\ncob=(1)\ncfn=(3) free\n\
                       calls=1 0\n1 2\ncfn=(4) run'2\n\nfn=(4)\n1 2\n\nfn=(5) 0x1234\n\nob=(1)\nfn=(3)\n1 2\n";
        assert_eq!(functions(profile, "/bin/fluxr"), ["main", "run"]);
    }
}
