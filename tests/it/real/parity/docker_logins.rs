//! Docker's configuration in every shape: both programs find the same login in it, or both refuse it.

use super::pair::Pair;
use crate::support::Web;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::path::Path;

/// What a registry without tags answers to those who log in.
fn registry() -> Web {
    Web::start(|asked| match asked.headers.contains_key("authorization") {
        true => Some((200, br#"{"name": "org/app", "tags": []}"#.to_vec())),
        false => Some((401, Vec::new())),
    })
}

fn auth(pair: &str) -> String {
    STANDARD.encode(pair)
}

/// Texts for the login at one registry.
fn logins() -> Vec<String> {
    let (ada, eve) = (auth("ada:s3cret:of"), auth("eve:other"));
    let mut logins: Vec<String> = [
        "null",
        "[]",
        "5",
        "{}",
        r#"{"auth": null}"#,
        r#"{"auth": 5}"#,
        r#"{"auth": "%"}"#,
        r#"{"auth": "="}"#,
        r#"{"username": "ada", "password": "p\u0077d"}"#,
        r#"{"UserName": "ada", "passWord": "pwd4", "email": 5}"#,
        r#"{"username": "ada"}"#,
        r#"{"registrytoken": "t0ken"}"#,
        "{\"username\": \"ada\", \"password\": \"p\u{1}d\"}",
    ]
    .map(str::to_owned)
    .into();
    logins.extend(
        ["nobody", ":nothing", "ada:", "ada:pwd4\0\0", "ada:p\0d4"]
            .map(|pair| format!(r#"{{"auth": "{}"}}"#, auth(pair))),
    );
    logins.extend([
        format!(r#"{{"auth": "{ada}"}}"#),
        format!(r#"{{"AUTH": "{ada}", "auth": null}}"#),
        format!(r#"{{"auth": "{ada}", "auth": "{eve}"}}"#),
        format!(r#"{{"auth": "{ada}", "username": "eve", "password": "other"}}"#),
        format!(r#"{{"auth": "{ada}\n"}}"#),
        format!(r#"{{"auth": "{ada}", "registryToken": "t0ken"}}"#),
        format!(r#"{{"auth": "{}"}}"#, ada.trim_end_matches('=')),
    ]);
    logins
}

/// Texts around a login, as bytes: not all of them are UTF-8.
fn configurations(host: &str, login: &str) -> Vec<Vec<u8>> {
    let other = auth("eve:other");
    let keys =
        [host.to_owned(), format!("{host}/org/app"), format!("https://{host}/v1/"), "quay.io".to_owned()];
    let mut texts = Vec::new();
    for key in keys {
        let whole = format!(r#"{{"auths": {{"{key}": {login}}}}}"#);
        let cut = whole[..whole.len() - 1].to_owned();
        texts.extend([
            format!("{whole}\nand more"),
            format!("{whole}{{}}"),
            format!("\u{feff}{whole}"),
            cut,
            format!(r#"{{"AUTHS": {{"{key}": {login}}}}}"#),
            format!(r#"{{"auth\u017f": {{"{key}": {login}}}, "credsStore": null}}"#),
            format!(r#"{{"auths": {{"{key}": {login}}}, "auths": {{}}}}"#),
            format!(r#"{{"auths": {{"{key}": {login}}}, "auths": null}}"#),
            format!(r#"{{"auths": {{"{key}": {login}}}, "Auths": {{"quay.io": {{"auth": "{other}"}}}}}}"#),
            format!(r#"{{"auths": {{"{key}": {login}, "{key}": {{"auth": "{other}"}}}}}}"#),
            format!(r#"{{"auths": {{"{key}": {{"username": "eve"}}, "{key}": {login}}}}}"#),
            format!(r#"{{"x": [1e999], "credHelpers": {{"{key}": null}}, "auths": {{"{key}": {login}}}}}"#),
            format!(r#"{{"auths": {{"{key}": {login}}}, "credsStore": 5}}"#),
            whole,
        ]);
    }
    texts.extend(["", " \n", "null", "null x", "[]", "5", "\"x\"", "{}", "{", "x"].map(str::to_owned));
    let mut texts: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    for (before, after) in [(&b"{\"x\": \"\xff\", "[..], &b""[..]), (b"\xff{", b""), (b"{", b"\xff")] {
        let middle = format!(r#""auths": {{"{host}": {login}}}}}"#);
        texts.push([before, middle.as_bytes(), after].concat());
    }
    texts
}

/// With which header the registry was asked in the end, and whether the command ended well, for each program.
fn seen(pair: &Pair, web: &Web) -> [(Option<i32>, Option<String>); 2] {
    let line = format!("list artifacts {}/org/app", web.url.replace("http", "oci"));
    [Pair::flux, Pair::fluxr].map(|run| {
        let before = web.seen().len();
        let said = run(pair, &line);
        let shown = web.seen()[before..]
            .iter()
            .filter_map(|asked| asked.headers.get("authorization").cloned())
            .next_back();
        (said.code, shown)
    })
}

fn configure(home: &Path, text: &[u8]) {
    std::fs::create_dir_all(home.join(".docker")).unwrap();
    std::fs::write(home.join(".docker/config.json"), text).unwrap();
}

#[test]
#[ignore = "needs the testbed"]
fn a_login_is_found_in_the_same_configurations() {
    // All of them take ten minutes with a debug build. EVERY=1 asks all, another number another part.
    let every = std::env::var("EVERY").map_or(17, |number| number.parse().unwrap());
    let (home, web) = (tempfile::tempdir().unwrap(), registry());
    let host = web.url.trim_start_matches("http://");
    let in_file = format!(r#"{{"auths": {{"{host}": {{"auth": "{}"}}}}}}"#, auth("file:s3cret"));
    let texts = logins().into_iter().flat_map(|login| configurations(host, &login));
    let (mut faults, mut logged_in) = (Vec::new(), [0, 0]);
    for text in texts.step_by(every) {
        configure(home.path(), &text);
        let of_file = seen(&Pair::new(home.path(), None), &web);
        // The variable is looked at before the file.
        configure(home.path(), in_file.as_bytes());
        let of_variable = String::from_utf8(text.clone())
            .ok()
            .map(|text| seen(&Pair::new(home.path(), None).with("DOCKER_AUTH_CONFIG", &text), &web));
        for (index, answers) in [Some(of_file), of_variable].into_iter().enumerate() {
            let Some([flux, fluxr]) = answers else { continue };
            let text = String::from_utf8_lossy(&text);
            logged_in[index] += usize::from(flux.1.is_some());
            if flux != fluxr {
                faults.push(format!("{} {text}\n  {flux:?}, here {fluxr:?}", ["file", "variable"][index]));
            }
        }
    }
    assert!(faults.is_empty(), "{} differ\n{}", faults.len(), faults.join("\n"));
    assert!(logged_in.iter().all(|count| *count > 10), "{logged_in:?}");
}
