//! Manifests as people have them: encrypted, with anchors, of several documents, listed by a parent, behind links, ignored.

use super::rolling_back::Broken;
use super::world::RELEASE;
use super::world::REPOSITORY;
use super::world::SHOP;
use super::world::World;

/// What SOPS leaves of a Secret.
const ENCRYPTED: &str = "\
apiVersion: v1
kind: Secret
metadata:
    name: web
stringData:
    token: ENC[AES256_GCM,data:p673w==,iv:YY=,tag:UQ=,type:str]
sops:
    age:
        - recipient: age1yt3tfqlfrwdwx0z0ynwplcr6qxcxfaqycuprpmy89nr83ltx74tqdpszlw
          enc: |
            -----BEGIN AGE ENCRYPTED FILE-----
            YWdl
            -----END AGE ENCRYPTED FILE-----
    mac: ENC[AES256_GCM,data:zRzU2w==,iv:YY=,tag:UQ=,type:str]
    encrypted_regex: ^(data|stringData)$
    version: 3.9.4
";

#[test]
fn what_is_encrypted_stays_encrypted_beside_edits() {
    let listed = "namespace: web\nresources:\n  - release.yaml\n  - secret.yaml\n";
    let files = [("apps/shop/secret.yaml", Some(ENCRYPTED)), ("apps/shop/kustomization.yaml", Some(listed))];
    let world = World::with(&files);
    for line in [
        "suspend hr web -n web --push",
        "create helmrelease api -n web --chart-ref=OCIRepository/api --interval=1h --push",
        "delete hr web -n web --silent --push",
    ] {
        world.run(line).succeeded();
        assert_eq!(world.file("apps/shop/secret.yaml").unwrap(), ENCRYPTED, "{line}");
    }
    let all = world.file("apps/shop/kustomization.yaml").unwrap();
    assert_eq!(all, "namespace: web\nresources:\n  - secret.yaml\n  - api.yaml\n");
}

#[test]
fn a_file_that_is_encrypted_is_removed_as_a_whole_or_not_at_all() {
    let sops = ENCRYPTED.split_once("sops:").unwrap().1;
    let release = format!("{RELEASE}sops:{sops}");
    let world = World::with(&[("apps/shop/release.yaml", Some(&release))]);
    for line in ["suspend hr web -n web --push", "resume hr web -n web --push --message=x"] {
        if line.starts_with("suspend") {
            world.refuses(line, &["apps/shop/release.yaml", "encrypted by SOPS"]);
        } else {
            world.run(line).succeeded();
        }
    }
    let line = "create helmrelease api -n web --chart-ref=OCIRepository/api --manifest-file=apps/shop/release.yaml --push";
    world.refuses(line, &["apps/shop/release.yaml", "encrypted by SOPS"]);
    world.run("delete hr web -n web --silent --push").succeeded();
    assert_eq!(world.file("apps/shop/release.yaml"), None);

    // One document of several: the checksum covers them all.
    let two = format!("{release}---\n{}", release.replace("name: web", "name: api"));
    let world = World::with(&[("apps/shop/release.yaml", Some(&two))]);
    world.refuses("delete hr api -n web --silent --push", &["apps/shop/release.yaml", "encrypted by SOPS"]);
}

#[test]
fn a_rollback_brings_encrypted_files_back_byte_for_byte() {
    let Broken { world, .. } = Broken::new();
    let other = ENCRYPTED.replace("p673w==", "q784x==");
    let commit = |text: &str, message: &str| {
        world.forge.commit(REPOSITORY, "main", &[("apps/shop/secret.yaml", Some(text))], message).unwrap();
        world.git(&["rev-parse", "main"])
    };
    let first = commit(ENCRYPTED, "a secret");
    commit(&other, "another secret");
    world.run(&format!("rollback ks/shop --to={first} --push")).succeeded();
    assert_eq!(world.file("apps/shop/secret.yaml").unwrap(), ENCRYPTED);
}

#[test]
fn what_a_parent_lists_is_edited_where_it_is() {
    let parent = "resources:\n- shop.yaml\n- flux-system\n- ../../infra\n";
    let infra = SHOP.replace("name: shop ", "name: infra ").replace("name: cache", "name: more");
    let files = [
        ("clusters/one/kustomization.yaml", Some(parent)),
        ("infra/kustomization.yaml", Some("resources:\n- deep/ # everything\n")),
        ("infra/deep/kustomization.yaml", Some("resources: [all.yaml]\n")),
        ("infra/deep/all.yaml", Some(&*infra)),
    ];
    let world = World::with(&files);
    world.run("suspend ks more --push").succeeded();
    assert_eq!(world.file("infra/deep/all.yaml").unwrap(), format!("{infra}    suspend: true\n"));
    assert_eq!(world.touched(), ["M infra/deep/all.yaml"]);
    world.run("delete ks more --silent --push").succeeded();
    world.run("delete ks infra --silent --push").succeeded();
    assert_eq!(
        world.touched(),
        [
            "M clusters/one/kustomization.yaml",
            "D infra/deep/all.yaml",
            "D infra/deep/kustomization.yaml",
            "D infra/kustomization.yaml"
        ]
    );
    assert_eq!(
        world.file("clusters/one/kustomization.yaml").unwrap(),
        "resources:\n- shop.yaml\n- flux-system\n"
    );
}

/// Documents with anchors, comments, odd layout and further documents around the one that is edited.
fn odd(end: &str) -> String {
    let before = "%YAML 1.1\n# a list of all\n---\nkind: List # nothing\nitems: &all [a,   b]\nagain: *all\n--- # ours\n";
    let after = "---\n\"kind\"  :   'ConfigMap'\nmetadata: {name: x,\n   namespace: web }\ndata:\n  text: |+\n    # no comment\n\n...\n# the end";
    let (shop, _) = SHOP.split_once("---\n").unwrap();
    format!("{before}{shop}{after}").replace('\n', end)
}

#[test]
fn everything_around_an_edit_stays_byte_for_byte() {
    for end in ["\n", "\r\n"] {
        let text = odd(end);
        let world = World::with(&[("clusters/one/shop.yaml", Some(&text))]);
        let said = world.run("suspend ks shop --push");
        assert_eq!(said.succeeded(), "", "{text}");
        let line = format!("    sourceRef: {{kind: GitRepository, name: flux-system}}{end}");
        let wanted = text.replacen(&line, &format!("{line}    suspend: true{end}"), 1);
        assert_ne!(wanted, text);
        assert_eq!(world.file("clusters/one/shop.yaml").unwrap(), wanted);
        world.run("resume ks shop --push").succeeded();
        assert_eq!(world.file("clusters/one/shop.yaml").unwrap(), text);
    }
}

#[test]
fn what_is_behind_a_link_is_not_applied_and_stays_as_it_is() {
    let blue = SHOP.replace("name: shop ", "name: blue ").replace("name: cache", "name: green");
    let world = World::with(&[("shared/blue.yaml", Some(&blue))]);
    world.link(&[
        ("clusters/one/blue.yaml", "../../shared/blue.yaml"),
        ("clusters/one/more", "../../shared"),
        ("clusters/one/gone.yaml", "nowhere.yaml"),
        ("clusters/one/etc.yaml", "/etc/passwd"),
        ("clusters/one/out.yaml", "../../../../etc/passwd"),
    ]);
    world.refuses("suspend ks green --push", &["Kustomization/flux-system/green is not declared"]);
    world.refuses("delete ks green --silent --push", &["Kustomization/flux-system/green is not declared"]);
    world.refuses(
        "create kustomization blog --source=GitRepository/flux-system --push --manifest-file=clusters/one/blue.yaml",
        &["\"clusters/one/blue.yaml\" is a link"],
    );
    world.run("suspend ks cache --push").succeeded();
    assert_eq!(world.touched(), ["M clusters/one/shop.yaml"]);
    let line = "create kustomization green --source=GitRepository/flux-system --path=./apps/green --push";
    world.run(line).succeeded();
    assert_eq!(world.touched(), ["A clusters/one/green.yaml"]);
    assert_eq!(world.file("shared/blue.yaml").unwrap(), blue);

    let listing = "resources: [flux-system, shop.yaml, blue.yaml]\n";
    let listed = [("clusters/one/kustomization.yaml", Some(listing)), ("shared/blue.yaml", Some(&*blue))];
    let world = World::with(&listed);
    world.link(&[("clusters/one/blue.yaml", "../../shared/blue.yaml")]);
    world.refuses("suspend ks green --push", &["lists \"blue.yaml\", which is a link"]);
}

#[test]
fn what_the_source_ignores_is_not_applied() {
    let blue = SHOP.replace("name: shop ", "name: blue ").replace("name: cache", "name: green");
    let world = World::with(&[
        (".sourceignore", Some("# not yet\n*.draft.yaml\n")),
        ("clusters/one/.sourceignore", Some("/later\n")),
        ("clusters/one/blue.draft.yaml", Some(&blue)),
        ("clusters/one/later/shop.yaml", Some(SHOP)),
    ]);
    world.refuses("suspend ks green --push", &["Kustomization/flux-system/green is not declared"]);
    // One of the two declarations is ignored.
    world.run("suspend ks cache --push").succeeded();
    assert_eq!(world.touched(), ["M clusters/one/shop.yaml"]);
    for file in ["clusters/one/blog.draft.yaml", "clusters/one/later/blog.yaml"] {
        let line = format!(
            "create kustomization blog --source=GitRepository/flux-system --push --manifest-file={file}"
        );
        world.refuses(&line, &["would not be applied from \"./clusters/one\"", "that is not ignored"]);
    }
    let mut source = world.api.get("GitRepository", "flux-system", "flux-system").unwrap();
    source["spec"]["ignore"] = serde_json::json!("/clusters/one/shop.yaml\n!/clusters/one/blue.draft.yaml\n");
    world.api.put(source);
    world.refuses("resume ks cache --push", &["Kustomization/flux-system/cache is not declared"]);
    world.run("suspend ks green --push").succeeded();
    assert_eq!(world.touched(), ["M clusters/one/blue.draft.yaml"]);
}

#[test]
fn a_base_of_two_clusters_is_named_with_the_other() {
    let world = World::new();
    let said = world.run("suspend hr web -n web --push");
    assert_eq!(said.succeeded(), "");
    let words = "⚠️ \"./clusters/two\" applies this, too: apps/shop/release.yaml\n";
    assert!(said.err.contains(words), "{}", said.err);
    let said = world.run("resume hr web -n web --dry-run");
    assert!(said.err.contains(words), "{}", said.err);
    let said = world.run("delete hr web -n web --silent --push");
    let words =
        "⚠️ \"./clusters/two\" applies this, too: apps/shop/kustomization.yaml, apps/shop/release.yaml\n";
    assert!(said.err.contains(words), "{}", said.err);
    // What only this cluster has belongs to no other.
    let said = world.run("suspend ks cache --push");
    assert!(!said.err.contains("too"), "{}", said.err);
    // A base beside the clusters is not a cluster.
    let files = [
        ("clusters/base/release.yaml", Some(RELEASE)),
        ("clusters/base/kustomization.yaml", Some("resources: [release.yaml]\n")),
        ("clusters/one/kustomization.yaml", Some("resources: [../base, flux-system]\n")),
    ];
    let said = World::with(&files).run("suspend hr web -n flux-system --push");
    assert!(said.code == 0 && !said.err.contains("too"), "{}", said.err);
    // One elsewhere is known by what bootstrap has left there.
    let sync = "clusters/far/away/flux-system/gotk-sync.yaml";
    let world = World::with(&[(sync, Some("kind: x\n")), ("clusters/far/away/shop.yaml", Some(SHOP))]);
    let said = world.run("suspend hr web -n web --push");
    assert!(said.err.contains("\"./clusters/far/away\" applies this, too"), "{}", said.err);
}

#[test]
fn nothing_unsigned_is_pushed_where_the_cluster_verifies() {
    let world = World::new();
    let mut source = world.api.get("GitRepository", "flux-system", "flux-system").unwrap();
    source["spec"]["verify"] = serde_json::json!({"mode": "HEAD", "secretRef": {"name": "keys"}});
    world.api.put(source.clone());
    world.refuses("suspend ks shop --push", &["takes only signed commits (spec.verify)", "user.signingKey"]);
    let said = world.ask("suspend ks shop --pull-request");
    assert!(said.code == 0 && said.err.contains("merge it so that the forge signs"), "{}", said.err);
    source["spec"]["verify"]["mode"] = serde_json::json!("Tag");
    world.api.put(source.clone());
    world.run("suspend ks cache --push").succeeded();

    source["spec"]["verify"]["mode"] = serde_json::json!("TagAndHEAD");
    world.api.put(source);
    let home = world.cli.home();
    let key = home.join("key");
    let keygen = ["-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f", key.to_str().unwrap()];
    assert!(std::process::Command::new("ssh-keygen").args(keygen).status().unwrap().success());
    let config = format!(
        "[commit]\n\tgpgSign = true\n[gpg]\n\tformat = ssh\n[user]\n\tsigningKey = {}.pub\n",
        key.display()
    );
    std::fs::write(home.join(".gitconfig"), config).unwrap();
    let signers = home.join("signers");
    let public = std::fs::read_to_string(home.join("key.pub")).unwrap();
    std::fs::write(&signers, format!("ada@example.com {public}")).unwrap();
    let setting = format!("gpg.ssh.allowedSignersFile={}", signers.display());
    for (line, branch) in [("suspend ks shop --push", "main"), ("resume ks cache --pull-request", "")] {
        let said = world.ask(line);
        assert!(said.code == 0 && !said.err.contains("signed"), "{}", said.err);
        let proposed = world.requests().first().map(|request| request.head.clone()).unwrap_or_default();
        world.git(&["-c", &setting, "verify-commit", if branch.is_empty() { &proposed } else { branch }]);
    }
}
