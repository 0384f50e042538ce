//! Plugins: installed from a catalog, listed, updated, removed, and run as commands.

use crate::support::Cli;
use crate::support::Web;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

/// A plugin that shows how it was called.
pub(crate) const PROGRAM: &str = "#!/bin/sh\n[ \"$1\" = fail ] && exit 7\necho \"$0 $* in $HOME\"\n";

pub(crate) fn tar(entries: &[(&str, &str)]) -> Vec<u8> {
    testbed::archive::packed(entries.iter().copied()).unwrap()
}

/// A catalog whose files can be changed.
pub(crate) struct Shop {
    web: Web,
    files: Arc<Mutex<std::collections::BTreeMap<String, Vec<u8>>>>,
}

impl Shop {
    pub(crate) fn new() -> Self {
        let files = Arc::new(Mutex::new(std::collections::BTreeMap::<String, Vec<u8>>::new()));
        let held = Arc::clone(&files);
        let web = Web::start(move |asked| {
            let found = held.lock().unwrap().get(&asked.path).cloned();
            Some(found.map_or((404, Vec::new()), |bytes| (200, bytes)))
        });
        let shop = Self { web, files };
        shop.put(
            "catalog.yaml",
            "apiVersion: cli.fluxcd.io/v1beta1\nkind: PluginCatalog\nplugins:\n\
             - {name: tool, description: Does things, homepage: https://example.com, license: MIT}\n\
             - {name: other, description: Another TOOL}\n- {name: third, description: Nothing}\n",
        );
        shop
    }

    /// What the names of its files are put behind, without a slash.
    pub(crate) fn url(&self) -> &str {
        &self.web.url
    }

    /// The plugin of the examples.
    pub(crate) fn offer_example(&self) {
        self.offer("operator", "0.45.0", &tar(&[("flux-operator", PROGRAM)]), |_| ());
    }

    pub(crate) fn put(&self, name: &str, content: impl Into<Vec<u8>>) {
        self.files.lock().unwrap().insert(format!("/{name}"), content.into());
    }

    /// Offers a version of a plugin, before the others.
    pub(crate) fn offer(&self, name: &str, version: &str, archive: &[u8], change: impl FnOnce(&mut Value)) {
        let file = format!("{name}-{version}.tar.gz");
        self.put(&file, archive);
        let os = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
        let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
        let mut manifest = json!({
            "apiVersion": "cli.fluxcd.io/v1beta1", "kind": "Plugin", "name": name, "bin": format!("flux-{name}"),
            "versions": [{"version": version, "platforms": [{
                "os": os, "arch": arch, "url": format!("{}/{file}", self.web.url),
                "checksum": format!("sha256:{}", hex::encode(sha2::Sha256::digest(archive))),
            }]}],
        });
        change(&mut manifest);
        self.put(&format!("{name}.yaml"), manifest.to_string());
    }

    pub(crate) fn cli(&self) -> Cli {
        Cli::new().env("FLUXCD_PLUGIN_CATALOG", &format!("{}/", self.web.url))
    }
}

pub(crate) fn folder(cli: &Cli) -> PathBuf {
    cli.home().join(".fluxcd/plugins")
}

/// A program in the folder of the plugins, as someone puts it there by hand.
pub(crate) fn put(cli: &Cli, name: &str, mode: u32) {
    std::fs::create_dir_all(folder(cli)).unwrap();
    let path = folder(cli).join(name);
    std::fs::write(&path, PROGRAM).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_plugin_is_installed_listed_run_updated_and_removed() {
    let shop = Shop::new();
    let cli = shop.cli();
    shop.offer("tool", "1.0.0", &tar(&[("README", "x"), ("bin/flux-tool", PROGRAM)]), |_| ());
    let seen = cli.run(&["plugin", "install", "tool"]);
    assert_eq!((seen.succeeded(), seen.err.as_str()), ("", "✔ installed tool v1.0.0\n"));
    let path = folder(&cli).join("flux-tool");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o755);
    let receipt = std::fs::read_to_string(folder(&cli).join("flux-tool.yaml")).unwrap();
    assert!(receipt.starts_with("installedAt: \"20") && receipt.contains("\nversion: 1.0.0\n"), "{receipt}");
    put(&cli, "flux-own", 0o755);
    put(&cli, "flux-not-executable", 0o644);
    put(&cli, "flux-get", 0o755);
    put(&cli, "other", 0o755);
    std::os::unix::fs::symlink("nowhere", folder(&cli).join("flux-broken")).unwrap();

    let list = cli.run(&["plugin", "list"]);
    let cells: Vec<Vec<&str>> =
        list.succeeded().lines().map(|line| line.split_whitespace().collect()).collect();
    let (own, tool) = (folder(&cli).join("flux-own"), path.display().to_string());
    let own = own.display().to_string();
    assert_eq!(cells, [["NAME", "VERSION", "PATH"], ["own", "manual", &own], ["tool", "1.0.0", &tool]]);
    let document: Value = serde_json::from_str(cli.run(&["plugin", "ls", "-o", "json"]).succeeded()).unwrap();
    assert_eq!(document["plugins"][1]["version"], "1.0.0");
    assert_eq!(
        cli.run(&["plugin", "list", "-o", "name"]).succeeded(),
        "plugin.cli.fluxcd.io/own\nplugin.cli.fluxcd.io/tool\n"
    );
    let search = cli.run(&["plugin", "search", "TOOL", "-o", "custom-columns=N:.name,I:.installed"]);
    assert_eq!(search.succeeded(), "N       I\ntool    1.0.0\nother   <none>\n");
    assert_eq!(
        cli.run(&["plugin", "search", "NONE"]).succeeded(),
        "No plugins matching \"none\" found in catalog\n"
    );

    // Flags before the name belong to the plugin, too.
    let ran = cli.run(&["-n", "apps", "tool", "do", "--it", "--help"]);
    let home = cli.home().display().to_string();
    assert_eq!(ran.succeeded(), format!("{} -n apps do --it --help in {home}\n", path.display()));
    assert_eq!(cli.run(&["tool", "fail"]).code, 7);

    let seen = cli.run(&["plugin", "update"]);
    seen.succeeded();
    assert_eq!(seen.err, "⚠️ skipping own (manually installed)\n✔ tool already up to date (v1.0.0)\n");
    shop.offer("tool", "2.0.0", &tar(&[("flux-tool", "#!/bin/sh\necho two\n")]), |_| ());
    let seen = cli.run(&["plugin", "upgrade", "tool"]);
    seen.succeeded();
    assert_eq!(seen.err, "✔ updated tool v1.0.0 → v2.0.0\n");
    assert_eq!(cli.run(&["tool"]).succeeded(), "two\n");
    assert_eq!(cli.run(&["plugin", "update", "none"]).failed(), "✗ plugin \"none\" is not installed\n");

    assert_eq!(cli.run(&["plugin", "uninstall", "tool"]).err, "✔ uninstalled tool\n");
    assert!(!path.exists() && !folder(&cli).join("flux-tool.yaml").exists());
    assert_eq!(cli.run(&["plugin", "delete", "tool"]).failed(), "✗ plugin \"tool\" is not installed\n");
    assert_eq!(cli.run(&["plugin", "uninstall", "../plugins/flux-own"]).code, 1);
    assert!(cli.run(&["tool"]).failed().starts_with("✗ unknown command \"tool\""));
    assert_eq!(Cli::new().run(&["plugin", "list"]).succeeded(), "No plugins found\n");
}

#[test]
fn a_download_that_is_not_what_the_catalog_says_is_not_installed() {
    let shop = Shop::new();
    let cli = shop.cli();
    let archive = tar(&[("flux-tool", PROGRAM)]);
    let platform = "/versions/0/platforms/0";
    let wrong = |change: &dyn Fn(&mut Value), archive: &[u8], said: &str| {
        shop.offer("tool", "1.0.0", archive, |manifest| change(manifest));
        let seen = cli.run(&["plugin", "install", "tool", "--timeout=20s"]);
        assert!(seen.failed().starts_with(&format!("✗ {said}")), "{said}: {seen:?}");
        let left = std::fs::read_dir(folder(&cli)).into_iter().flatten().count();
        assert_eq!(left, 0, "{said}");
    };
    let set = |path: &'static str, value: &'static str| {
        move |manifest: &mut Value| *manifest.pointer_mut(path).unwrap() = json!(value)
    };
    wrong(
        &set("/versions/0/platforms/0/checksum", "sha256:00"),
        &archive,
        "checksum verification failed (expected: sha256:00, got: sha256:",
    );
    wrong(&set("/versions/0/platforms/0/os", "plan9"), &archive, "plugin \"tool\" v1.0.0 has no binary for ");
    wrong(&set("/bin", "../flux-tool"), &archive, "plugin \"tool\" has invalid bin \"../flux-tool\"");
    wrong(
        &set("/bin", "tool"),
        &archive,
        "plugin \"tool\" has invalid bin \"tool\" (must be a plain filename prefixed with \"flux-\")",
    );
    wrong(&set("/name", "../../evil"), &archive, "plugin \"tool\" has invalid name \"../../evil\"");
    wrong(
        &set("/kind", "Other"),
        &archive,
        "plugin \"tool\" has unexpected kind \"Other\" (expected \"Plugin\")",
    );
    wrong(&set("/apiVersion", "v1"), &archive, "plugin \"tool\" has unsupported apiVersion \"v1\"");
    wrong(&|manifest| manifest["versions"] = json!([]), &archive, "plugin \"tool\" has no versions");
    wrong(&|_| (), &archive[..archive.len() / 2], "failed to ");
    wrong(
        &|_| (),
        &tar(&[("../flux-tool", "x"), ("/flux-tool", "x"), ("flux-tool-2", "x")]),
        "binary \"flux-tool\" not found in archive",
    );
    wrong(
        &|manifest| manifest.pointer_mut(platform).unwrap()["extractPath"] = json!("bin/flux-tool"),
        &archive,
        "binary \"bin/flux-tool\" not found in archive",
    );
    wrong(
        &|manifest| manifest.pointer_mut(platform).unwrap()["url"] = json!(format!("{}/none", shop.web.url)),
        &archive,
        "failed to download plugin: ",
    );
    for (word, said) in [
        ("none", "plugin \"none\" not found in catalog"),
        ("../tool", "plugin \"../tool\" not found in catalog"),
        ("tool@9", "version \"9\" not found for plugin \"tool\""),
        ("tool@sha256:12", "digest \"sha256:12\" not found for plugin \"tool\" on "),
    ] {
        shop.offer("tool", "1.0.0", &archive, |_| ());
        let seen = cli.run(&["plugin", "install", word]);
        assert!(seen.failed().starts_with(&format!("✗ {said}")), "{word}: {seen:?}");
    }
    assert_eq!(cli.run(&["plugin", "install"]).failed(), "✗ accepts 1 arg(s), received 0\n");
    assert_eq!(cli.run(&["plugin", "search", "a", "b"]).failed(), "✗ accepts at most 1 arg(s), received 2\n");
    shop.put("catalog.yaml", "<html>");
    assert!(cli.run(&["plugin", "search"]).failed().starts_with("✗ "));
}

#[test]
fn a_failed_update_keeps_what_was_there_and_fails() {
    let shop = Shop::new();
    let cli = shop.cli();
    shop.offer("tool", "1.0.0", &tar(&[("flux-tool", PROGRAM)]), |_| ());
    cli.run(&["plugin", "install", "tool"]).succeeded();
    shop.offer("tool", "2.0.0", &tar(&[("else", "x")]), |_| ());
    let seen = cli.run(&["plugin", "update"]);
    assert_eq!(seen.failed(), "✗ error updating tool: binary \"flux-tool\" not found in archive\n");
    assert!(cli.run(&["tool"]).succeeded().contains("flux-tool"));
    assert!(cli.run(&["plugin", "list"]).succeeded().contains("1.0.0"));
}

#[test]
fn a_command_goes_before_a_plugin_of_its_name() {
    let shop = Shop::new();
    let cli = shop.cli();
    shop.offer("get", "1.0.0", &tar(&[("flux-get", PROGRAM)]), |_| ());
    let seen = cli.run(&["plugin", "install", "get"]);
    seen.succeeded();
    assert_eq!(seen.err, "✔ installed get v1.0.0\n⚠️ the command \"get\" of fluxr hides the plugin\n");
    assert!(cli.run(&["get"]).succeeded().contains("Usage"));
    assert_eq!(cli.run(&["plugin", "list"]).succeeded(), "No plugins found\n");
}

#[test]
fn the_folder_may_be_chosen_and_must_then_exist() {
    let shop = Shop::new();
    let other = tempfile::tempdir().unwrap();
    shop.offer("tool", "1.0.0", &tar(&[("flux-tool", PROGRAM)]), |_| ());
    let cli = shop.cli().env("FLUXCD_PLUGINS", other.path().to_str().unwrap());
    cli.run(&["plugin", "install", "tool@1.0.0"]).succeeded();
    assert!(cli.run(&["tool", "a"]).succeeded().contains("flux-tool a in"));
    let cli = shop.cli().env("FLUXCD_PLUGINS", other.path().join("none").to_str().unwrap());
    let seen = cli.run(&["plugin", "install", "tool"]);
    assert!(seen.failed().starts_with("✗ failed to create "), "{seen:?}");
}

#[test]
fn a_plugin_that_cannot_be_run_is_named() {
    let cli = Cli::new();
    std::fs::create_dir_all(folder(&cli)).unwrap();
    let path = folder(&cli).join("flux-tool");
    std::fs::write(&path, "#!/nowhere/sh\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let seen = cli.run(&["tool"]);
    assert!(
        seen.failed().starts_with(&format!("✗ running the plugin \"tool\" ({}): ", path.display())),
        "{seen:?}"
    );
}

/// The address of a server that does this with each connection, without its scheme.
fn server(serve: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(serve));
    address
}

/// Answers with this, whatever is asked, and hangs up.
fn answering(answer: &'static str) -> String {
    server(move |mut stream| {
        let mut asked = [0; 4096];
        let _ = stream.read(&mut asked).and_then(|_| stream.write_all(answer.as_bytes()));
    })
}

/// Takes connections and says nothing.
fn silent() -> String {
    let held = Mutex::new(Vec::new());
    server(move |stream| held.lock().unwrap().push(stream))
}

/// A catalog that is gone, says nothing, breaks off or is something else, and the errors about it.
fn broken_catalogs() -> [(&'static str, String, &'static [&'static str]); 5] {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let cut = answering("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\napiVersion: cli.fluxcd.io");
    let page = answering("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>Hi</html>");
    let broken = answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    [
        ("gone", gone, &["Connection refused"]),
        ("silent", silent(), &["timed out"]),
        ("cut", cut, &["end of file before message length reached"]),
        ("a page", page, &[]),
        ("broken", broken, &["502 Bad Gateway"]),
    ]
}

#[test]
fn a_catalog_that_fails_is_named_within_the_time_there_is() {
    for (what, host, said) in broken_catalogs() {
        let cli = Cli::new().env("FLUXCD_PLUGIN_CATALOG", &format!("http://{host}/"));
        put(&cli, "flux-tool", 0o755);
        std::fs::write(folder(&cli).join("flux-tool.yaml"), "version: 1.0.0\n").unwrap();
        for (line, of_line) in [
            ("plugin search", "plugin catalog"),
            ("plugin install tool", "plugin \"tool\" "),
            ("plugin update", "error checking tool: plugin \"tool\" "),
        ] {
            let begun = Instant::now();
            let words: Vec<&str> = line.split(' ').chain(["--timeout=900ms"]).collect();
            let seen = cli.run(&words);
            assert!(seen.failed().starts_with("✗ ") && seen.out.is_empty(), "{what}: {seen:?}");
            assert!(seen.err.contains(of_line), "{what}: {seen:?}");
            for said in said {
                assert!(seen.err.contains(said) && seen.err.contains(&host), "{what}: {seen:?}");
            }
            assert!(begun.elapsed() < Duration::from_secs(4), "{what}: {line}");
        }
        assert_eq!(std::fs::read_to_string(folder(&cli).join("flux-tool")).unwrap(), PROGRAM, "{what}");
    }
}

#[test]
fn ctrl_c_ends_a_download_and_leaves_nothing() {
    let shop = Shop::new();
    let host = silent();
    shop.offer("tool", "1.0.0", b"x", |manifest| {
        *manifest.pointer_mut("/versions/0/platforms/0/url").unwrap() = json!(format!("http://{host}/tool"));
    });
    for base in [format!("http://{host}"), shop.url().to_owned()] {
        let cli = Cli::new().env("FLUXCD_PLUGIN_CATALOG", &format!("{base}/")).env("TMPDIR", "tmp");
        std::fs::create_dir(cli.home().join("tmp")).unwrap();
        let mut running = cli.spawn(&["plugin", "install", "tool"]);
        std::thread::sleep(Duration::from_millis(700));
        assert!(running.is_running());
        assert_eq!(running.interrupt(), 130);
        let left: Vec<_> = crate::kustomize::files_below(cli.home()).into_iter().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}
