//! The certificates and keys of a kubeconfig, judged before anything is connected; what cannot be used is reported in the wording of Go's TLS library.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kube::config::AuthInfo;
use kube::config::Cluster;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use secrecy::ExposeSecret;

/// How client-go begins what is wrong with a certificate.
const FAILED: &str = "kubernetes client initialization failed";

/// The certificates of the cluster's authority; `None` if the system's are to be trusted.
///
/// # Errors
/// There is none where one should be.
pub fn authorities(cluster: &Cluster) -> anyhow::Result<Option<Vec<Vec<u8>>>> {
    let data = cluster.certificate_authority_data.as_deref();
    let Some(pem) = bytes_of(data, cluster.certificate_authority.as_deref())? else { return Ok(None) };
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let read = read.ok().filter(|read| !read.is_empty());
    let read = read
        .context("unable to load root certificates: unable to parse bytes as PEM block")
        .context(FAILED)?;
    Ok(Some(read.into_iter().map(|one| one.as_ref().to_vec()).collect()))
}

/// Confirms that there is a certificate and a key where a user has both.
///
/// # Errors
/// One of them is not PEM.
pub fn confirm_identity(user: &AuthInfo) -> anyhow::Result<()> {
    let certificate = user.client_certificate_data.as_deref();
    let key = user.client_key_data.as_ref().map(|data| data.expose_secret());
    let certificate = bytes_of(certificate, user.client_certificate.as_deref())?;
    let key = bytes_of(key, user.client_key.as_deref())?;
    let (Some(certificate), Some(key)) = (certificate, key) else { return Ok(()) };
    let is_one = CertificateDer::pem_slice_iter(&certificate).next().is_some_and(|read| read.is_ok());
    anyhow::ensure!(is_one, "{FAILED}: tls: failed to find any PEM data in certificate input");
    let is_one = PrivateKeyDer::from_pem_slice(&key).is_ok();
    anyhow::ensure!(is_one, "{FAILED}: tls: failed to find any PEM data in key input");
    Ok(())
}

/// Confirms that a certificate can be for this name.
///
/// # Errors
/// It is not a host name.
pub fn confirm_server_name(name: Option<&str>) -> anyhow::Result<()> {
    let Some(name) = name else { return Ok(()) };
    anyhow::ensure!(
        ServerName::try_from(name).is_ok(),
        "the tls-server-name {name:?} is not the name of a host"
    );
    Ok(())
}

/// What the data say, or else the file.
fn bytes_of(data: Option<&str>, file: Option<&str>) -> anyhow::Result<Option<Vec<u8>>> {
    match (data, file) {
        (Some(data), _) => decoded(data).map(Some).map_err(anyhow::Error::msg),
        (None, Some(path)) => Ok(Some(crate::text::read(path.as_ref())?)),
        (None, None) => Ok(None),
    }
}

/// Base64 as Go reads it: line breaks do not count.
///
/// # Errors
/// In Go's wording.
pub fn decoded(data: &str) -> Result<Vec<u8>, String> {
    let text: String = data.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect();
    STANDARD.decode(&text).map_err(|error| match error {
        base64::DecodeError::InvalidByte(at, _) => format!("illegal base64 data at input byte {at}"),
        _ => "illegal base64 data".to_owned(),
    })
}
