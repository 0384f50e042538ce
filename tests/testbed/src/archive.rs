//! Archives that tests and the tutorial pack: charts, manifests, plugins.

use anyhow::Context;
use flate2::Compression;
use flate2::write::GzEncoder;

/// A compressed tar archive of these files. Paths are written as they are, also those that no archiver would write.
///
/// # Errors
/// A path of more than 100 bytes.
pub fn packed<P: AsRef<str>, C: AsRef<[u8]>>(
    files: impl IntoIterator<Item = (P, C)>,
) -> anyhow::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, content) in files {
        let (path, content) = (path.as_ref(), content.as_ref());
        let mut header = tar::Header::new_gnu();
        let place = header.as_old_mut().name.get_mut(..path.len());
        place
            .with_context(|| format!("\"{path}\" is too long for an archive"))?
            .copy_from_slice(path.as_bytes());
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, content)?;
    }
    Ok(archive.into_inner()?.finish()?)
}

/// What `helm package` makes of a chart with these files.
///
/// # Errors
/// As [`packed`].
pub fn chart<P: AsRef<str>, C: AsRef<[u8]>>(
    name: &str,
    files: impl IntoIterator<Item = (P, C)>,
) -> anyhow::Result<Vec<u8>> {
    packed(files.into_iter().map(|(path, content)| (format!("{name}/{}", path.as_ref()), content)))
}
