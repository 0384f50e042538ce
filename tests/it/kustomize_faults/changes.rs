//! Patches, replacements and variables that miss what they are meant for, and where it is told that they do.

use super::KUSTOMIZATION;
use super::ONE;
use super::Stage;
use super::config_map;

/// The error of a kustomization with these lines beside two files.
fn refusal(text: &str, one: &str, two: &str) -> String {
    Stage::with(&[("app/kustomization.yaml", text), ("app/a.yaml", one), ("app/b.yaml", two)]).refusal("app")
}

#[test]
fn a_patch_for_nothing_is_told_with_its_line() {
    let two = format!("{ONE}---\n{}", config_map("zz"));
    let nothing = "there is no v1 ConfigMap \"zz\"\n";
    for (text, wanted) in [
        (
            "resources: [a.yaml]\npatches:\n- path: b.yaml\n",
            "in \"~/app/kustomization.yaml\", line 3: the patch \"~/app/b.yaml\", line 6: no resource matches the strategic merge patch",
        ),
        (
            "resources: [a.yaml]\npatchesStrategicMerge:\n- b.yaml\n",
            "in \"~/app/kustomization.yaml\", line 2: \"~/app/b.yaml\", line 6: a strategic merge patch fits no resource",
        ),
        (
            "resources: [a.yaml]\npatches:\n- patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: zz}}'\n",
            "in \"~/app/kustomization.yaml\", line 3: a patch: no resource matches the strategic merge patch",
        ),
        (
            "resources: [a.yaml]\npatchesStrategicMerge:\n- '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}'\n- '{apiVersion: v1, kind: ConfigMap, metadata: {name: zz}}'\n",
            "line 2: \"~/app/kustomization.yaml\", line 4: a strategic merge patch fits no resource",
        ),
    ] {
        let said = refusal(text, ONE, &two);
        assert!(said.ends_with(&format!("{wanted}: {nothing}")), "{text}: {said}");
    }
    // One with a target may be meant for nothing.
    let text = "resources: [a.yaml]\npatches: [{path: a.yaml, target: {kind: Secret}}]\n";
    let stage = Stage::with(&[("app/kustomization.yaml", text), ("app/a.yaml", ONE)]);
    assert_eq!(stage.build("app").succeeded(), ONE);
}

#[test]
fn a_patch_for_two_resources_is_told_with_both_places() {
    let stage = Stage::with(&[
        ("app/kustomization.yaml", "resources: [one, two]\npatches:\n- path: a.yaml\n"),
        ("app/one/kustomization.yaml", "nameSuffix: -one\nresources: [a.yaml]\n"),
        ("app/two/kustomization.yaml", "nameSuffix: -two\nresources: [a.yaml]\n"),
        ("app/a.yaml", ONE),
        ("app/one/a.yaml", ONE),
        ("app/two/a.yaml", &format!("\n---\n{ONE}")),
    ]);
    let said = stage.refusal("app");
    let wanted = "several resources are or were v1 ConfigMap \"a\": \"~/app/one/a.yaml\", line 1 and \"~/app/two/a.yaml\", line 3\n";
    assert!(said.ends_with(wanted), "{said}");
    let twice = format!("{ONE}---\n{ONE}");
    let said = refusal("resources: [a.yaml]\n", &twice, "");
    let wanted =
        "already registered id: v1 ConfigMap \"a\": \"~/app/a.yaml\", line 6 and \"~/app/a.yaml\", line 1\n";
    assert!(said.ends_with(wanted), "{said}");
    let said = refusal("resources: [a.yaml]\nconfigMapGenerator:\n- name: a\n", ONE, "");
    let wanted = "exists already; its behavior must be merge or replace: \"~/app/a.yaml\", line 1\n";
    assert!(said.ends_with(wanted), "{said}");
    let moved = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: y}\n";
    let said = refusal("resources: [a.yaml]\nnamespace: z\n", moved, "");
    let wanted = "line 2: namespace transformation produces ID conflict: v1 ConfigMap \"z/a\": \"~/app/a.yaml\", line 1 and \"~/app/a.yaml\", line 5\n";
    assert!(said.ends_with(wanted), "{said}");
}

#[test]
fn a_broken_pattern_is_told_in_one_line() {
    for (target, wanted) in [
        ("name: a(b", "\"a(b\" in a target is not a regular expression: unclosed group"),
        (
            "kind: '*'",
            "\"*\" in a target is not a regular expression: repetition operator missing expression",
        ),
        (
            "namespace: '[z-a]'",
            "\"[z-a]\" in a target is not a regular expression: invalid character class range, the start must be <= the end",
        ),
        ("name: (?x)a", "\"(?x)a\" in a target: not a regular expression of Go"),
        ("labelSelector: a b", "\"a b\" is not a selector"),
        ("annotationSelector: 'a in b'", "\"a in b\" is not a selector"),
    ] {
        let text = format!("resources: [a.yaml]\npatches:\n- path: a.yaml\n  target:\n    {target}\n");
        let said = refusal(&text, ONE, "");
        let wanted =
            format!("in \"~/app/kustomization.yaml\", line 3: the patch \"~/app/a.yaml\": {wanted}\n");
        assert!(said.ends_with(&wanted), "{target}: {said}");
        let text = format!(
            "resources: [a.yaml]\nreplacements:\n- source: {{kind: ConfigMap}}\n  targets:\n  - select:\n      {target}\n"
        );
        let said = refusal(&text, ONE, "");
        assert!(said.contains("in \"~/app/kustomization.yaml\", line 3: \""), "{target}: {said}");
    }
}

#[test]
fn a_json_patch_that_does_not_apply_is_told_with_the_line_of_its_operation() {
    let patch = "- op: add\n  path: /metadata/labels\n  value: {}\n- op: remove\n  path: /spec/x\n";
    let text = "resources: [a.yaml]\npatches:\n- path: b.yaml\n  target: {kind: ConfigMap}\n";
    let said = refusal(text, ONE, patch);
    let wanted = "in \"~/app/kustomization.yaml\", line 3: the patch \"~/app/b.yaml\": v1 ConfigMap \"a\" in \"~/app/a.yaml\", line 1: \
        the operation remove of \"/spec/x\", line 4 of the patch: there is no place for \"/spec/x\"\n";
    assert!(said.ends_with(wanted), "{said}");
    let json = "[\n{\"op\": \"test\", \"path\": \"/kind\", \"value\": \"ConfigMap\"},\n{\"op\": \"test\", \"path\": \"/kind\", \"value\": \"Secret\"}]";
    let old = "resources: [a.yaml]\npatchesJson6902:\n- path: b.yaml\n  target: {version: v1, kind: ConfigMap, name: a}\n";
    let said = refusal(old, ONE, json);
    assert!(
        said.contains("the operation test of \"/kind\", line 3 of the patch: the value differs"),
        "{said}"
    );
    let said = refusal(text, &format!("{ONE}data: text\n"), &format!("\n{ONE}data: {{a: b}}\n"));
    let wanted = "the patch \"~/app/b.yaml\", line 2: v1 ConfigMap \"a\" in \"~/app/a.yaml\", line 1: the patch and the resource have values of different shapes in one place\n";
    assert!(said.ends_with(wanted), "{said}");
}

#[test]
fn a_replacement_from_nowhere_or_to_nowhere_is_told_with_its_line() {
    let inline = |entry: &str| format!("resources: [a.yaml]\nreplacements:\n- {entry}\n");
    let to = "targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x]}]";
    for (entry, wanted) in [
        (
            format!("{{source: {{kind: Secret, name: s}}, {to}}}"),
            "the source Secret \"s\" of a replacement is not there",
        ),
        (
            format!("{{source: {{kind: ConfigMap, name: a, fieldPath: data.q}}, {to}}}"),
            "the source ConfigMap \"a\" of a replacement has no field \"data.q\"",
        ),
        (
            format!("{{source: {{kind: ConfigMap}}, {to}}}"),
            "a replacement in v1 ConfigMap \"a\" in \"~/app/a.yaml\", line 1: unable to find field \"data.x\" in replacement target",
        ),
        ("{source: {kind: ConfigMap}}".to_owned(), "a replacement has no targets"),
        (format!("{{{to}}}"), "a replacement has no source"),
        (
            "{source: {kind: ConfigMap}, targets: [{fieldPaths: [a]}]}".to_owned(),
            "target must specify resources to select",
        ),
    ] {
        let said = refusal(&inline(&entry), ONE, "");
        assert!(
            said.ends_with(&format!("in \"~/app/kustomization.yaml\", line 3: {wanted}\n")),
            "{entry}: {said}"
        );
        let file = format!(
            "# two\n- source: {{kind: ConfigMap}}\n  targets: [{{select: {{kind: Secret}}}}]\n- {entry}\n"
        );
        let said = refusal(&inline("path: b.yaml"), ONE, &file);
        let wanted = format!("in \"~/app/kustomization.yaml\", line 3: \"~/app/b.yaml\", line 4: {wanted}\n");
        assert!(said.ends_with(&wanted), "{entry}: {said}");
    }
    let said = refusal(&inline("path: b.yaml"), ONE, "- source:\n    kind: [Secret]\n");
    assert!(
        said.ends_with("\"~/app/b.yaml\", line 2: [0].source.kind: expected a string, found a list\n"),
        "{said}"
    );
    // One that selects nothing changes nothing.
    let text =
        inline("{source: {kind: ConfigMap}, targets: [{select: {kind: Secret}, fieldPaths: [data.x]}]}");
    let stage = Stage::with(&[("app/kustomization.yaml", &text), ("app/a.yaml", ONE)]);
    assert_eq!(stage.build("app").succeeded(), ONE);
}

#[test]
fn every_field_that_fails_is_told_with_its_line() {
    let workload = |spec: &str| {
        format!("# a workload\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec: {spec}\n")
    };
    let image = "{template: {spec: {containers: [{image: [x]}]}}}";
    let object = "apps/v1 Deployment \"web\" in \"~/app/a.yaml\", line 2";
    for (field, spec, wanted) in [
        ("images:\n- {name: x, newTag: '1'}", image, format!("line 3: {object}: an image is not a scalar")),
        ("labels:\n- pairs: {a: b}\n  includeSelectors: true", "text", format!("line 3: {object}: the field \"")),
        ("commonAnnotations: {a: b}", "text", format!("line 2: {object}: the field \"spec/template/metadata/annotations\"")),
        ("replicas:\n- {name: web, count: 2}\n- {name: none, count: 2}", "{}", "line 4: resource with name none does not match a config with replicas".to_owned()),
        ("configMapGenerator:\n- {name: a, literals: [x=1]}\n- {name: b, literals: [x]}", "{}", "line 4: the ConfigMap \"b\": the literal \"x\" is not of the form key=value".to_owned()),
        ("crds:\n- none.yaml", "{}", "the file of types \"none.yaml\" of \"~/app/kustomization.yaml\", line 3: there is no \"none.yaml\"".to_owned()),
        ("openapi: {path: none.json}", "{}", "line 2: there is no \"none.json\"".to_owned()),
        ("vars:\n- {name: X, objref: {apiVersion: v1, kind: Secret, name: s}}", "{}", "var 'X' cannot be mapped to a field in the set of known resources: in \"~/app/kustomization.yaml\", line 3".to_owned()),
        ("vars:\n- {name: X, objref: {apiVersion: apps/v1, kind: Deployment, name: web}, fieldref: {fieldpath: spec.x}}", "{}", format!("not found in corresponding resource: in \"~/app/kustomization.yaml\", line 3, of {object}")),
        ("transformers:\n- '{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: p}, prefix: [x]}'", "{}", "builtin PrefixTransformer \"p\" in \"~/app/kustomization.yaml\", line 3: plugin".to_owned()),
        ("transformers: [b.yaml]", "{}", "builtin Paint \"p\" in \"~/app/b.yaml\", line 3: unable to load".to_owned()),
        ("configurations: [b.yaml]", "{}", "the configuration \"b.yaml\" of \"~/app/kustomization.yaml\", line 2: \"~/app/b.yaml\", line 3: unknown field \"apiVersion\"".to_owned()),
    ] {
        let two = "\n\napiVersion: builtin\nkind: Paint\nmetadata: {name: p}\n";
        let said = refusal(&format!("resources: [a.yaml]\n{field}\n"), &workload(spec), two);
        assert!(said.contains(&wanted), "{field}: {said}");
    }
}

#[test]
fn what_the_spec_adds_has_no_line_and_what_is_written_keeps_its_own() {
    let build = |spec: &str, kustomization: &str| {
        let stage = Stage::with(&[("app/kustomization.yaml", kustomization), ("app/a.yaml", ONE)]);
        stage.write(
            "ks.yaml",
            format!("{}{spec}", KUSTOMIZATION.replace("}}\n", "},SPEC}\n").replace("SPEC", spec)).as_bytes(),
        );
        let output = stage.cli.run(&[
            "build",
            "kustomization",
            "app",
            "--path=app",
            "--kustomization-file=ks.yaml",
            "--dry-run",
        ]);
        output.failed().replace(&stage.home, "~")
    };
    let none = "{apiVersion: v1, kind: ConfigMap, metadata: {name: none}}";
    let said = build(&format!("patches: [{{patch: '{none}'}}]"), "resources: [a.yaml]\n");
    assert!(said.contains("in \"~/app/kustomization.yaml\": a patch: no resource matches"), "{said}");
    let said =
        build("namePrefix: x-", &format!("# lines\n\n\nresources: [a.yaml]\npatches:\n- patch: '{none}'\n"));
    assert!(said.contains("in \"~/app/kustomization.yaml\", line 6: a patch: no resource matches"), "{said}");
}

#[test]
fn a_variable_that_is_not_set_is_empty_or_told_with_the_object() {
    let object = |value: &str| format!("{ONE}---\n{}data:\n  x: \"{value}\"\n", config_map("b"));
    let build = |value: &str, flags: &[&str]| {
        let stage = Stage::with(&[("app/a.yaml", &object(value))]);
        stage.write(
            "ks.yaml",
            KUSTOMIZATION.replace("}}\n", "}, postBuild: {substitute: {set: \"1\"}}}\n").as_bytes(),
        );
        let words =
            ["build", "kustomization", "app", "--path=app", "--kustomization-file=ks.yaml", "--dry-run"];
        stage.cli.run(&[&words, flags].concat())
    };
    let output = build("<${unset}>${unset:-none}", &[]);
    assert!(output.succeeded().contains("  x: <>none\n"), "{}", output.out);
    for (value, flag, wanted) in [
        (
            "${unset}",
            "--strict-substitute",
            "variable substitution failed: variable not set (strict mode): \"unset\"",
        ),
        ("${set", "--strict-substitute=false", "variable substitution failed: missing closing brace"),
    ] {
        let output = build(value, &[flag]);
        let wanted = format!(
            "✗ var substitution failed for 'b': envsubst error: {wanted}\nhint: ConfigMap/b comes from app/a.yaml, line 6\n"
        );
        assert_eq!(output.failed(), wanted);
    }
}
