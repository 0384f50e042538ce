//! What the failures below HTTP mean. The texts of the layers in between are not used: they repeat the URL, query included.

use crate::text::innermost;
use std::error::Error;

/// Why a request failed, in one line.
pub fn cause(error: &(dyn Error + 'static)) -> String {
    tls_failure(error).unwrap_or_else(|| innermost(error))
}

/// Why the certificate of the server was not accepted, or TLS failed otherwise; `None` if TLS was not the cause.
pub fn tls_failure(error: &(dyn Error + 'static)) -> Option<String> {
    let mut at = Some(error);
    while let Some(cause) = at {
        if let Some(tls) = find_tls(cause) {
            return Some(explain(tls));
        }
        at = cause.source();
    }
    None
}

/// The TLS error in a cause. The layers in between wrap it in I/O errors, some more than once, and those hide it from `source`.
fn find_tls<'e>(cause: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    match cause.downcast_ref::<std::io::Error>() {
        Some(wrapped) => find_tls(wrapped.get_ref()?),
        None => cause.downcast_ref::<rustls::Error>(),
    }
}

fn explain(error: &rustls::Error) -> String {
    match error {
        // A bad signature is what an authority of the same name with another key leaves.
        rustls::Error::InvalidCertificate(
            rustls::CertificateError::UnknownIssuer | rustls::CertificateError::BadSignature,
        ) => "the certificate is signed by an unknown authority".to_owned(),
        other => other.to_string(),
    }
}
