//! Bodies of answers that are kept in memory: never more of them than the caller expects.

use reqwest::Response;

/// Reads a body into `bytes`, at most `most` bytes of it, and tells whether that is all of it.
///
/// # Errors
/// A connection that breaks off; what had arrived is in `bytes`.
pub async fn read_body(response: &mut Response, most: usize, bytes: &mut Vec<u8>) -> reqwest::Result<bool> {
    while let Some(chunk) = response.chunk().await? {
        let fits = chunk.len().min(most - bytes.len());
        bytes.extend_from_slice(&chunk[..fits]);
        if fits < chunk.len() {
            return Ok(false);
        }
    }
    Ok(true)
}
