//! Repositories as people have them, in ways that are rare: what a change is part of is understood, or refused by name.

use super::world::RELEASE;
use super::world::REPOSITORY;
use super::world::SHOP;
use super::world::World;

const CREATE: &str = "create helmrelease api -n web --chart-ref=OCIRepository/api --interval=1h --push";

/// A further Kustomization for a folder of the repository.
pub(super) fn kustomization(name: &str, path: &str, further: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\n\
         spec:\n  interval: 1h\n  path: {path}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{further}"
    )
}

#[test]
fn every_kustomization_of_a_folder_is_known_with_the_names_that_it_gives() {
    let second = kustomization("second", "./apps/shop", "  namePrefix: b-\n");
    let world = World::with(&[("clusters/one/second.yaml", Some(&second))]);
    let at_once = "declares HelmRelease/web/b-web and HelmRelease/web/web at once";
    for line in ["suspend hr b-web -n web --push", &CREATE.replace(" api ", " b-web ")] {
        world.refuses(line, &[at_once, "apps/shop/release.yaml"]);
    }
    // One that puts in other variables only applies the same object.
    let second = kustomization("second", "./apps/shop", "  postBuild: {substitute: {a: b}}\n");
    let world = World::with(&[("clusters/one/second.yaml", Some(&second))]);
    world.run("suspend hr web -n web --push").succeeded();
    assert_eq!(world.touched(), ["M apps/shop/release.yaml"]);
}

#[test]
fn a_kustomization_that_applies_its_own_folder_ends() {
    let own = kustomization(
        "own",
        "./clusters/one",
        "  postBuild: {substitute: {a: \"${a}b\"}}\n  namePrefix: \"${a}\"\n",
    );
    let world = World::with(&[("clusters/one/own.yaml", Some(&own))]);
    world.run("suspend hr web -n web --push").succeeded();
    assert_eq!(world.touched(), ["M apps/shop/release.yaml"]);
}

#[test]
fn what_could_be_built_before_can_be_built_afterwards() {
    let patched = "namespace: web\nresources: [release.yaml, more.yaml]\npatches:\n- path: interval.yaml\n";
    let interval = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec: {interval: 2h}\n";
    let more = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n";
    let files = [
        ("apps/shop/kustomization.yaml", Some(patched)),
        ("apps/shop/interval.yaml", Some(interval)),
        ("apps/shop/more.yaml", Some(more)),
    ];
    let world = World::with(&files);
    let words = ["Kustomization/flux-system/shop cannot be built with this change", "interval.yaml"];
    world.refuses("delete hr web -n web --silent --push", &words);
    // What cannot be built anyway is changed with a warning.
    let broken = patched.replace("interval.yaml", "none.yaml");
    let world = World::with(&[files[2], ("apps/shop/kustomization.yaml", Some(&broken))]);
    let said = world.run("delete hr web -n web --silent --push");
    assert_eq!(said.code, 0, "{}", said.err);
    let warning = "⚠️ not verified: Kustomization/flux-system/shop cannot be built here: ";
    assert!(said.err.contains(warning) && said.err.contains("none.yaml"), "{}", said.err);
}

#[test]
fn no_other_object_is_touched() {
    let replaced = "resources: [a.yaml, b.yaml]\nreplacements:\n- source: {kind: HelmRelease, name: web, fieldPath: spec.interval}\n  targets:\n  - select: {kind: ConfigMap}\n    fieldPaths: [data.interval]\n";
    let map =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more, namespace: web}\ndata: {interval: \"\"}\n";
    let release = RELEASE.replace("  name: web\nspec", "  name: web\n  namespace: web\nspec");
    let files = [
        ("apps/shop/kustomization.yaml", Some(replaced)),
        ("apps/shop/a.yaml", Some(&*release)),
        ("apps/shop/b.yaml", Some(map)),
    ];
    let world = World::with(&files);
    let line = "create helmrelease web -n web --chart-ref=OCIRepository/web --interval=2h --push";
    world.refuses(
        line,
        &["in what Kustomization/flux-system/shop applies, this would also change ConfigMap/web/more"],
    );
}

#[test]
fn objects_of_a_list_are_edited_in_it() {
    let item = |name: &str| {
        let lines = RELEASE.replace("name: web\nspec", &format!("name: {name}\n  namespace: web\nspec"));
        let lines: Vec<String> = lines.lines().map(|line| format!("  {line}\n")).collect();
        format!("- {}", lines.concat().trim_start())
    };
    let list = format!("apiVersion: v1\nkind: List\nitems:\n{}# the other\n{}", item("one"), item("two"));
    let world = World::with(&[("apps/cache/list.yaml", Some(&list))]);
    world.run("suspend hr one -n web --push").succeeded();
    let suspended = list.replacen("    interval: 1h\n", "    interval: 1h\n    suspend: true\n", 1);
    assert_eq!(world.file("apps/cache/list.yaml").unwrap(), suspended);
    world.run("resume hr one -n web --push").succeeded();
    assert_eq!(world.file("apps/cache/list.yaml").unwrap(), list);
    world.run("create helmrelease two -n web --chart-ref=OCIRepository/web --interval=5h --push").succeeded();
    assert_eq!(world.touched(), ["M apps/cache/list.yaml"]);
    assert_eq!(world.file("apps/cache/list.yaml").unwrap().matches("interval: 5h").count(), 1);
    world.run("delete hr two -n web --silent --push").succeeded();
    let rest = world.file("apps/cache/list.yaml").unwrap();
    assert!(rest.contains("name: one") && !rest.contains("name: two"), "{rest}");
    world.run("delete hr one -n web --silent --push").succeeded();
    assert_eq!(world.touched(), ["D apps/cache/list.yaml"]);
}

#[test]
fn fields_of_a_kustomization_are_read_in_any_case() {
    let odd = "Namespace: web\nResources:\n- release.yaml\n";
    let world = World::with(&[("apps/shop/kustomization.yaml", Some(odd))]);
    world.run(CREATE).succeeded();
    assert_eq!(world.file("apps/shop/kustomization.yaml").unwrap(), format!("{odd}- api.yaml\n"));
    world.run("delete hr api -n web --silent --push").succeeded();
    assert_eq!(world.file("apps/shop/kustomization.yaml").unwrap(), odd);
}

#[test]
fn components_and_patched_names_of_a_kustomization_are_followed() {
    let extra = kustomization(
        "extra",
        "./apps/extra",
        "  components: [../part]\n  patches:\n  - patch: '[{\"op\": \"replace\", \"path\": \"/metadata/name\", \"value\": \"renamed\"}]'\n    target: {kind: HelmRelease, name: web}\n",
    );
    let release =
        |name: &str| RELEASE.replace("  name: web\nspec", &format!("  name: {name}\n  namespace: web\nspec"));
    let part = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [more.yaml]\n";
    let files = [
        ("clusters/one/extra.yaml", Some(extra)),
        ("apps/extra/release.yaml", Some(release("web"))),
        ("apps/part/kustomization.yaml", Some(part.to_owned())),
        ("apps/part/more.yaml", Some(release("more"))),
        ("clusters/one/shop.yaml", None),
    ];
    let files: Vec<(&str, Option<&str>)> =
        files.iter().map(|(path, text)| (*path, text.as_deref())).collect();
    let world = World::with(&files);
    for (name, file) in [("more", "apps/part/more.yaml"), ("renamed", "apps/extra/release.yaml")] {
        let said = world.run(&format!("suspend hr {name} -n web --push"));
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(!said.err.contains("⚠️"), "{}", said.err);
        assert_eq!(world.touched(), [format!("M {file}")]);
    }
}

#[test]
fn a_path_with_a_variable_is_followed_where_files_set_it() {
    let inner = kustomization("inner", "\"./apps/${env}\"", "  postBuild: {substitute: {env: \"${env}\"}}\n");
    let release = RELEASE.replace("  name: web\nspec", "  name: web-${env}\n  namespace: web\nspec");
    let with = |build: &str| {
        let outer = kustomization("outer", "./sets", build);
        let files = [
            ("clusters/one/outer.yaml", Some(&*outer)),
            ("sets/inner.yaml", Some(&*inner)),
            ("apps/blue/release.yaml", Some(&*release)),
        ];
        World::with(&files)
    };
    let world = with("  postBuild: {substitute: {env: blue}}\n");
    let said = world.run("suspend hr web-blue -n web --push");
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(world.touched(), ["M apps/blue/release.yaml"]);
    let world = with("  postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}\n");
    let reason = "Kustomization/flux-system/inner is not followed: its path \"./apps/${env}\" has a variable that is not set in the files";
    let said = world.run("suspend ks shop --push");
    assert!(said.code == 0 && said.err.contains(&format!("⚠️ {reason}\n")), "{}", said.err);
    world.refuses(CREATE, &["HelmRelease/web/api is not declared", reason, "--manifest-file"]);
    let said = world.run(&format!("{CREATE} --manifest-file=apps/shop/api.yaml"));
    assert_eq!(said.code, 0, "{}", said.err);
}

#[test]
fn what_cannot_be_read_does_not_prevent_changes_to_the_rest() {
    let listed = "namespace: web\nresources: [release.yaml, none.yaml]\n";
    for (file, text, by, reason) in [
        ("apps/cache/bad.yaml", "a: [\n", "cache", "apps/cache/bad.yaml"),
        ("clusters/one/bad.yaml", "a: [\n", "flux-system", "clusters/one/bad.yaml"),
        ("apps/shop/kustomization.yaml", listed, "shop", "lists \"none.yaml\", which does not exist"),
    ] {
        let world = World::with(&[(file, Some(text))]);
        let said = world.run("suspend ks cache --push");
        assert_eq!(said.code, 0, "{file}: {}", said.err);
        let warning = format!("⚠️ Kustomization/flux-system/{by} cannot be read completely: ");
        let lines: Vec<&str> = said.err.lines().filter(|line| line.starts_with(&warning)).collect();
        assert!(lines.len() == 1 && lines[0].contains(reason), "{file}: {}", said.err);
        for line in ["suspend ks none --push", "delete ks none --silent --push", CREATE] {
            world.refuses(line, &["is not declared in", "as far as that can be read", reason]);
        }
        world.forge.commit(REPOSITORY, "main", &[(file, Some("# mended\n"))], "mended").unwrap();
    }
    // The remedy.
    let world = World::with(&[("apps/shop/kustomization.yaml", Some(listed))]);
    let said = world.run(&format!("{CREATE} --manifest-file=apps/shop/none.yaml"));
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(world.touched(), ["A apps/shop/none.yaml"]);
}

#[test]
fn files_of_bootstrap_get_no_further_objects() {
    let world = World::new();
    for file in ["gotk-sync.yaml", "gotk-components.yaml"] {
        let line = format!("{CREATE} --manifest-file=./clusters/one/flux-system/{file}");
        world.refuses(&line, &[file, "is written by bootstrap", "--manifest-file"]);
    }
}

#[test]
fn a_commit_is_pushed_or_proposed() {
    let world = World::new();
    for line in ["suspend ks cache", "delete ks cache --silent", "set version ks/shop 1", CREATE] {
        let line = line.trim_end_matches(" --push");
        world.refuses(
            &format!("{line} --push --pull-request"),
            &["--push and --pull-request exclude each other", "hint: "],
        );
    }
}

#[test]
fn a_suspension_that_a_patch_decides_is_not_reported_as_done() {
    let patched = |suspend: bool| {
        format!(
            "namespace: web\nresources: [release.yaml]\npatches:\n- target: {{kind: HelmRelease, name: web}}\n  patch: '[{{\"op\": \"add\", \"path\": \"/spec/suspend\", \"value\": {suspend}}}]'\n"
        )
    };
    let world = World::with(&[("apps/shop/kustomization.yaml", Some(&patched(true)))]);
    let words = ["HelmRelease/web/web would still be suspended", "apps/shop/kustomization.yaml (patches)"];
    world.refuses("resume hr web -n web --push", &words);
    let said = world.run("suspend hr web -n web --push");
    assert_eq!(said.code, 0, "{}", said.err);
    let world = World::with(&[("apps/shop/kustomization.yaml", Some(&patched(false)))]);
    world.refuses(
        "suspend hr web -n web --push",
        &["HelmRelease/web/web would not be suspended", "apps/shop/kustomization.yaml"],
    );
}

#[test]
fn only_what_is_suspended_is_resumed() {
    let explicit = SHOP.replacen("    prune: true", "    suspend: false # explicit\n    prune: true", 1);
    let world = World::with(&[("clusters/one/shop.yaml", Some(&explicit))]);
    world.run("resume ks shop --push").succeeded();
    assert_eq!((world.file("clusters/one/shop.yaml").unwrap(), world.commits().len()), (explicit.clone(), 1));
    let variable = explicit.replace("false # explicit", "${SUSPENDED}");
    let world = World::with(&[("clusters/one/shop.yaml", Some(&variable))]);
    for verb in ["suspend", "resume"] {
        world.refuses(
            &format!("{verb} ks shop --push"),
            &["clusters/one/shop.yaml", "is a variable", "${SUSPENDED}"],
        );
    }
}

#[test]
fn a_message_names_what_is_edited() {
    let suspended = format!("{SHOP}    suspend: true\n");
    let world = World::with(&[("clusters/one/shop.yaml", Some(&suspended))]);
    let said = world.run("resume ks --all --push");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(!said.err.contains("while Kustomization"), "{}", said.err);
    assert_eq!(world.commits()[0], "Resume Kustomization/flux-system/cache");
    world.run("suspend ks shop --push").succeeded();
    world.run("suspend ks shop cache --push").succeeded();
    assert_eq!(world.commits()[0], "Suspend Kustomization/flux-system/cache");
    // The branch of a request is named after all, so that the next run finds it.
    let line = "resume ks shop cache --pull-request";
    world.ask(line).succeeded();
    world.run("resume ks shop --push").succeeded();
    world.ask(line).succeeded();
    assert_eq!(world.request().title, "Resume Kustomization/flux-system/cache");
}
