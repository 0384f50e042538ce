//! The tags of a repository, and what their artifacts say about themselves.

use super::Annotations;
use super::Registry;
use super::RegistryError;
use super::client::Request;
use super::client::read_body;
use crate::text::SemverRange;
use futures::StreamExt;
use futures::TryStreamExt;
use regex::Regex;
use reqwest::Method;
use reqwest::StatusCode;
use reqwest::header;
use serde_json::Value;
use std::collections::BTreeSet;
use url::Url;

/// So many manifests are asked for side by side.
const SIDE_BY_SIDE: usize = 16;
/// What one registry accepts, others may give fewer.
const PAGE: usize = 1000;
const LARGEST_PAGE: usize = 8 * 1024 * 1024;
/// No repository has so many tags.
const MOST_TAGS: usize = 1_000_000;
/// The ends of tags that Cosign makes.
const OF_COSIGN: [&str; 3] = [".att", ".sbom", ".sig"];

/// Which tags are listed.
#[derive(Debug, Default)]
pub struct Filter {
    pub versions: Option<SemverRange>,
    pub pattern: Option<Regex>,
}

/// An artifact in a list.
#[derive(Debug)]
pub struct Listed {
    pub tag: String,
    pub digest: String,
    pub annotations: Annotations,
}

impl Filter {
    fn keeps(&self, tag: &str) -> bool {
        !OF_COSIGN.iter().any(|end| tag.ends_with(end))
            && self.versions.as_ref().is_none_or(|range| range.contains(tag))
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(tag))
    }
}

impl Registry<'_> {
    /// All tags, the last in the alphabet first.
    ///
    /// # Errors
    /// What the registry says; pages that link to each other in a cycle.
    pub async fn tags(&self) -> Result<Vec<String>, RegistryError> {
        let mut url = self.url("tags/list")?;
        url.query_pairs_mut().append_pair("n", &PAGE.to_string());
        let mut tags = Vec::new();
        let mut seen = BTreeSet::new();
        let mut next = Some(url);
        while let Some(url) = next {
            if !seen.insert(url.to_string()) || tags.len() > MOST_TAGS {
                return Err(RegistryError::Garbage(format!(
                    "the list of tags of {} has no end",
                    self.repository
                )));
            }
            let request = Request::new(Method::GET, url);
            let (page, link) = self
                .retried(async || {
                    let answer = self.ask(&request, &[StatusCode::OK]).await?;
                    let link = next_page(&answer);
                    Ok((read_body(&Method::GET, answer, LARGEST_PAGE).await?, link))
                })
                .await?;
            let page: Value = serde_json::from_slice(&page).map_err(|_| {
                RegistryError::Garbage(format!("the list of tags of {} is not JSON", self.repository))
            })?;
            let page = page["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
            tags.extend(page.map(str::to_owned));
            next = link;
        }
        tags.sort_unstable_by(|a, b| b.cmp(a));
        tags.dedup();
        Ok(tags)
    }

    /// The artifacts of those tags that the filter keeps.
    ///
    /// # Errors
    /// What the registry says.
    pub async fn list(&self, tags: Vec<String>, filter: &Filter) -> Result<Vec<Listed>, RegistryError> {
        let kept = tags.into_iter().filter(|tag| filter.keeps(tag));
        let asked = futures::stream::iter(kept).map(async |tag| {
            let manifest = self.manifest(&tag).await?;
            Ok(Listed { digest: manifest.digest.clone(), annotations: manifest.annotations(), tag })
        });
        asked.buffered(SIDE_BY_SIDE).try_collect().await
    }
}

/// The page after an answer: `Link: </v2/app/tags/list?last=x>; rel="next"` (RFC 8288).
fn next_page(answer: &reqwest::Response) -> Option<Url> {
    let links = answer.headers().get_all(header::LINK).iter();
    let link = links.filter_map(|link| link.to_str().ok()).find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let rel = parameters.replace([' ', '"'], "").to_lowercase();
        rel.split(';').any(|one| one == "rel=next").then_some(target)
    })?;
    answer.url().join(link).ok()
}
