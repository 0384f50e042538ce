//! `create image policy`.

use crate::api::image::image_policy::DigestReflectionPolicy;
use crate::api::image::image_policy::IMAGE_POLICY;
use crate::api::image::image_policy::ImagePolicySpec;
use crate::api::image::image_policy::NamespacedReference;
use crate::api::image::image_policy::Order;
use crate::api::image::image_policy::OrderPolicy;
use crate::api::image::image_policy::SemverPolicy;
use crate::api::image::image_policy::TagFilter;
use crate::api::image::image_policy::TagPolicy;
use crate::api::image::image_repository::IMAGE_REPOSITORY;
use crate::api::word;
use crate::cli::CommandContext;
use crate::cli::completion;
use crate::cli::go_duration;
use crate::commands::create::common;
use crate::commands::create::common::SharedArgs;
use crate::commands::create::fields;
use crate::commands::create::fields::some;
use crate::ops::create::Manner;
use crate::text::go_regexp;
use crate::text::go_regexp::BadTemplate;
use anyhow::Context as _;
use std::time::Duration;

const EXAMPLES: &str = "\
# The newest version of a range
fluxr create image policy app --image-ref=app --select-semver=\">=1.0.0 <2.0.0\"
# The newest build of the main branch, by the time in its tag
fluxr create image policy app --image-ref=app --select-numeric=asc \\
  --filter-regex='^main-[a-f0-9]+-(?P<time>[0-9]+)' --filter-extract='$time'";

/// Create or update an ImagePolicy object
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ImagePolicyArgs {
    /// Name of the object
    #[arg(value_name = "name", add = completion::names_of(&IMAGE_POLICY))]
    name: Vec<String>,
    /// ImageRepository whose tags are chosen from
    #[arg(long, value_name = "name", add = completion::names_of(&IMAGE_REPOSITORY))]
    image_ref: String,
    /// Choose the newest version of this range
    #[arg(long, value_name = "range")]
    select_semver: String,
    /// Choose the alphabetically last tag (asc) or the first (desc)
    #[arg(long, value_name = "order", add = completion::words(["asc", "desc"]))]
    select_alpha: String,
    /// Choose the largest number (asc), or the smallest (desc)
    #[arg(long, value_name = "order", add = completion::words(["asc", "desc"]))]
    select_numeric: String,
    /// Only tags that match this regular expression count
    #[arg(long)]
    filter_regex: String,
    /// What to compare of a tag, with the groups of the expression, e.g. $version
    #[arg(long, value_name = "template")]
    filter_extract: String,
    /// When the digest of the chosen tag is looked up: Never, IfNotPresent or Always
    #[arg(long, value_name = "when", add = completion::words(["Never", "IfNotPresent", "Always"]))]
    reflect_digest: String,
    /// How often the digest is looked up; only with --reflect-digest=Always
    // It takes the place of the flag that every `create` has.
    #[arg(long, default_value = "0s", value_parser = go_duration)]
    interval: Duration,
}

impl ImagePolicyArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        anyhow::ensure!(
            !self.image_ref.is_empty(),
            "the name of an ImageRepository in the namespace is required (--image-ref)"
        );
        let labels = shared.labels()?;
        let policy = self.policy()?;
        let filter_tags = self.filter()?;
        let reflection = some(&self.reflect_digest).map(|text| {
            let known: Option<DigestReflectionPolicy> = word::known(&text);
            known.context(
                "invalid value for --reflect-digest, must be one of 'Never', 'IfNotPresent', 'Always'",
            )
        });
        let digest_reflection_policy = reflection.transpose()?;
        anyhow::ensure!(
            self.interval.is_zero() || digest_reflection_policy == Some(DigestReflectionPolicy::Always),
            "the --interval flag can only be used with the 'Always' digest reflection policy, use --reflect-digest=Always"
        );
        let spec = ImagePolicySpec {
            image_repository_ref: NamespacedReference { name: self.image_ref, namespace: None },
            policy,
            filter_tags,
            digest_reflection_policy,
            interval: fields::time(self.interval),
            ..ImagePolicySpec::default()
        };
        let object = common::object(&IMAGE_POLICY, name, &context.namespace, labels, &spec)?;
        shared.announce(context, IMAGE_POLICY.kind);
        let manner = Manner { leaves_unchanged: true, ..Manner::completed(IMAGE_POLICY.kind) };
        common::export_or_apply(&shared, context, &IMAGE_POLICY, &object, &manner).await.map(drop)
    }

    /// How the tag is chosen.
    fn policy(&self) -> anyhow::Result<TagPolicy> {
        let order = |flag: &str, given: &str| -> anyhow::Result<OrderPolicy> {
            let order: Option<Order> = word::known(given);
            let order = order.with_context(|| format!("{flag} must be one of [\"asc\", \"desc\"]"))?;
            Ok(OrderPolicy { order: Some(order) })
        };
        let [semver, alpha, numeric] = [&self.select_semver, &self.select_alpha, &self.select_numeric];
        let mut policy = TagPolicy::default();
        match [semver, alpha, numeric].map(|given| !given.is_empty()) {
            [true, false, false] => policy.semver = Some(SemverPolicy { range: semver.clone() }),
            [false, true, false] => policy.alphabetical = Some(order("--select-alpha", alpha)?),
            [false, false, true] => policy.numerical = Some(order("--select-numeric", numeric)?),
            [false, false, false] => {
                anyhow::bail!("a policy must be provided with either --select-semver or --select-alpha")
            }
            // Upstream says so of the last two, and makes a policy without a rule of the others.
            _ => anyhow::bail!(
                "only one of --select-semver, --select-alpha or --select-numeric can be specified"
            ),
        }
        Ok(policy)
    }

    /// Which tags count.
    fn filter(&self) -> anyhow::Result<Option<TagFilter>> {
        let Some(pattern) = some(&self.filter_regex) else {
            anyhow::ensure!(
                self.filter_extract.is_empty(),
                "cannot specify --filter-extract without specifying --filter-regex"
            );
            return Ok(None);
        };
        let groups = go_regexp::group_names(&pattern)
            .map_err(|_| anyhow::anyhow!("--filter-regex is an invalid regex pattern"))?;
        go_regexp::check_template(&self.filter_extract, &groups).map_err(|bad| match bad {
            BadTemplate::Malformed => anyhow::anyhow!("--filter-extract is malformed"),
            BadTemplate::NoSuchGroup(name) => {
                anyhow::anyhow!("capture group ${name} used in --filter-extract not found in --filter-regex")
            }
        })?;
        Ok(Some(TagFilter { pattern: Some(pattern), extract: Some(self.filter_extract.clone()) }))
    }
}
