//! Names, tags and digests of images.

use super::file::Image;

/// What an entry makes of an image that it is about.
pub(super) fn renamed(present: &str, image: &Image) -> String {
    let (name, mut tag, mut digest) = parts(present);
    let name = if image.new_name.is_empty() { name } else { &image.new_name };
    let suffixed = format!("{tag}{}", image.tag_suffix);
    match (image.new_tag.as_str(), image.digest.as_str()) {
        ("", "") if image.tag_suffix.is_empty() => {}
        ("", "") => (tag, digest) = (&suffixed, ""),
        ("", new) => (tag, digest) = ("", new),
        (new_tag, new) => (tag, digest) = (new_tag, new),
    }
    let mut text = name.to_owned();
    for (mark, part) in [(':', tag), ('@', digest)] {
        if !part.is_empty() {
            text.push(mark);
            text.push_str(part);
        }
    }
    text
}

/// Name, tag and digest; a colon before the first slash belongs to the name.
pub fn parts(image: &str) -> (&str, &str, &str) {
    let start = image.find('/').filter(|at| *at > 0).unwrap_or(0);
    let place = |mark: char| image[start..].find(mark).map(|at| at + start);
    match (place(':'), place('@')) {
        (None, None) => (image, "", ""),
        (colon, Some(at)) if colon.is_none_or(|colon| at < colon) => (&image[..at], "", &image[at + 1..]),
        (Some(colon), Some(at)) => (&image[..colon], &image[colon + 1..at], &image[at + 1..]),
        (Some(colon), None) => (&image[..colon], &image[colon + 1..], ""),
        (None, Some(at)) => (&image[..at], "", &image[at + 1..]),
    }
}
