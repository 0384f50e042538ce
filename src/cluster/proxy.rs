//! Which proxy the API server is reached through: that of the kubeconfig, else that of the environment as Go reads it.

use crate::text::is_this_machine;
use anyhow::Context;
use hyper_util::client::proxy::matcher::Matcher;
use kube::config::Cluster;

/// `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, or the same in lower case.
#[derive(Debug, Clone, Default)]
pub struct ProxyVariables {
    pub https: String,
    pub http: String,
    pub no: String,
}

/// The proxy on the way to `server`.
///
/// # Errors
/// An address that is not one, or of another kind than http, https and socks5.
pub fn of(
    (name, cluster): (&str, &Cluster),
    server: &http::Uri,
    variables: &ProxyVariables,
) -> anyhow::Result<Option<http::Uri>> {
    if let Some(proxy) = &cluster.proxy_url {
        let invalid = || format!("invalid configuration: invalid 'proxy-url' for cluster \"{name}\"");
        return address(proxy).with_context(invalid).map(Some);
    }
    let host = server.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = is_this_machine(host);
    let (variable, proxy) = match server.scheme_str() {
        Some("https") => ("HTTPS_PROXY", &variables.https),
        _ => ("HTTP_PROXY", &variables.http),
    };
    if is_here || proxy.is_empty() {
        return Ok(None);
    }
    // Only the exceptions are matched there: the address keeps its credentials here.
    let matcher = Matcher::builder().all("http://proxy").no(variables.no.as_str()).build();
    if matcher.intercept(server).is_none() {
        return Ok(None);
    }
    let proxy = if proxy.contains("://") { proxy.clone() } else { format!("http://{proxy}") };
    address(&proxy).with_context(|| format!("the variable {variable}")).map(Some)
}

fn address(text: &str) -> anyhow::Result<http::Uri> {
    // The proxy resolves names either way.
    let text = text.replacen("socks5h://", "socks5://", 1);
    let address: http::Uri = text.parse().map_err(|_| anyhow::anyhow!("it is not a URL"))?;
    let scheme = address.scheme_str().unwrap_or_default();
    anyhow::ensure!(
        ["http", "https", "socks5"].contains(&scheme),
        "unsupported scheme \"{scheme}\", must be http, https, or socks5"
    );
    anyhow::ensure!(address.host().is_some_and(|host| !host.is_empty()), "it names no host");
    Ok(address)
}

/// An address as it may be shown: without user and password.
pub fn shown(address: &http::Uri) -> String {
    let authority = address.authority().map_or("", http::uri::Authority::as_str);
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let path = address.path().trim_end_matches('/');
    format!("{}://{place}{path}", address.scheme_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(proxy_url: Option<&str>, server: &str, variables: [&str; 3]) -> Result<Option<String>, String> {
        let cluster = Cluster { proxy_url: proxy_url.map(str::to_owned), ..Cluster::default() };
        let [https, http, no] = variables.map(str::to_owned);
        of(("here", &cluster), &server.parse().unwrap(), &ProxyVariables { https, http, no })
            .map(|proxy| proxy.map(|proxy| shown(&proxy)))
            .map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn the_kubeconfig_comes_first_and_then_the_environment_with_its_exceptions() {
        let some = |text: &str| Ok(Some(text.to_owned()));
        let variables = ["p:1", "http://q:2", ".example.com,10.0.0.0/8"];
        assert_eq!(way(Some("http://u:s3cret@k:3"), "https://a.example.com", variables), some("http://k:3"));
        assert_eq!(way(None, "https://a.example.net", variables), some("http://p:1"));
        assert_eq!(way(None, "http://a.example.net", variables), some("http://q:2"));
        for excepted in
            ["https://a.example.com", "https://10.1.2.3:6443", "https://127.0.0.1:1", "https://[::1]:1"]
        {
            assert_eq!(way(None, excepted, variables), Ok(None), "{excepted}");
        }
        assert_eq!(way(Some("socks5h://k:3"), "https://a", variables), some("socks5://k:3"));
    }

    #[test]
    fn an_address_that_cannot_be_one_is_refused_without_being_quoted() {
        for (proxy, says) in [
            ("ftp://s3cret@h", "unsupported scheme"),
            ("s3cret:1", "unsupported scheme"),
            ("http://s3 cret", "not a URL"),
        ] {
            let error = way(Some(proxy), "https://a", ["", "", ""]).unwrap_err();
            assert!(error.contains(says) && !error.contains("s3cret"), "{error}");
        }
    }
}
