//! `create source bucket`.

use crate::api::source::bucket::BUCKET;
use crate::api::source::bucket::BucketProvider;
use crate::api::source::bucket::BucketSpec;
use crate::cli::CommandContext;
use crate::cli::choice;
use crate::cli::completion;
use crate::cli::help_text;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::commands::create::common;
use crate::commands::create::common::SourceFlags;
use crate::commands::create::fields;
use crate::commands::create::fields::some;
use crate::ops;
use crate::ops::create::Manner;
use crate::ops::secret::NewSecret;
use crate::text::Secret;

const EXAMPLES: &str = "\
# A bucket of an S3-compatible store, with a key that is kept in a Secret
fluxr create source bucket app --bucket-name=app --endpoint=s3.example.com \\
  --region=eu-central-1 --access-key=app --secret-key-file=./password
# A bucket of AWS that the role of the controller may read
fluxr create source bucket app --bucket-name=app --endpoint=s3.amazonaws.com \\
  --region=eu-central-1 --provider=aws --export > bucket.yaml";

const TITLE: &str = "Bucket source";

/// Create or update a Bucket source
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SourceBucketArgs {
    /// Name of the object
    #[arg(value_name = "name", add = completion::names_of(&BUCKET))]
    name: Vec<String>,
    /// Name of the bucket
    #[arg(long, help_heading = help_text::REPOSITORY)]
    bucket_name: String,
    /// Address of the store, <host>[:<port>]
    #[arg(long, help_heading = help_text::REPOSITORY)]
    endpoint: String,
    /// Region of the bucket
    #[arg(long, help_heading = help_text::REPOSITORY)]
    region: String,
    /// How the store is logged in to: generic, aws, azure or gcp
    #[arg(long, default_value = "generic", value_name = "generic|aws|azure|gcp", value_parser = provider, help_heading = help_text::AUTHENTICATION)]
    provider: BucketProvider,
    /// Identifier of the key that logs in
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    access_key: Option<Secret>,
    /// The secret part of the key that logs in
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    secret_key: Option<Secret>,
    /// Secret with the credentials, instead of a generated one
    #[arg(long, value_name = "secret", help_heading = help_text::AUTHENTICATION)]
    secret_ref: String,
    /// Secret with the address and credentials of a proxy
    #[arg(long, value_name = "secret", help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    proxy_secret_ref: String,
    /// Allow plain HTTP
    #[arg(long, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    insecure: bool,
    /// Paths to leave out, in the syntax of .gitignore
    #[arg(long, value_parser = items, help_heading = help_text::REPOSITORY, hide_short_help = true)]
    ignore_paths: Vec<Items>,
}

impl SourceBucketArgs {
    pub(super) async fn run(
        self,
        SourceFlags { shared, fetch_timeout }: SourceFlags,
        context: &CommandContext,
    ) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        anyhow::ensure!(!self.bucket_name.is_empty(), "bucket-name is required");
        anyhow::ensure!(!self.endpoint.is_empty(), "endpoint is required");
        let labels = shared.labels()?;
        let key = self.key();
        let mut spec = BucketSpec {
            bucket_name: self.bucket_name,
            endpoint: self.endpoint,
            interval: shared.interval.into(),
            timeout: fields::time(fetch_timeout),
            provider: Some(self.provider),
            insecure: self.insecure.then_some(true),
            region: some(&self.region),
            ignore: fields::lines(&self.ignore_paths),
            secret_ref: fields::reference(&self.secret_ref),
            proxy_secret_ref: fields::reference(&self.proxy_secret_ref),
            ..BucketSpec::default()
        };
        let mut object = common::object(&BUCKET, name, &context.namespace, labels.clone(), &spec)?;
        if shared.is_written() {
            shared.refuse_credentials(spec.secret_ref.is_none() && key.is_some())?;
            return common::write_one(&shared, context, &BUCKET, &object).await;
        }
        context.ui.generate(format!("generating {TITLE}"));
        let session = context.session().await?;
        let mut manner = Manner::completed(TITLE);
        if let Some(key) = key.filter(|_| spec.secret_ref.is_none()) {
            let secret = format!("bucket-{name}");
            session.sink.action("applying secret with the bucket credentials");
            manner.has_new_secret =
                ops::secret::upsert(&session, &secret, &key.with_labels(labels.clone())).await?;
            session.sink.success("authentication configured");
            spec.secret_ref = fields::reference(&secret);
            object = common::object(&BUCKET, name, &context.namespace, labels, &spec)?;
        }
        let ready = ops::create::apply(&session, &BUCKET, &object, &manner).await?;
        common::fetched(context, &ready, "Bucket source reconciliation but no artifact was found")
    }

    /// The key that logs in, if both of its parts were given.
    fn key(&self) -> Option<NewSecret> {
        let given = |part: &Option<Secret>| part.clone().filter(|part| !part.is_empty());
        let (access, secret) = (given(&self.access_key)?, given(&self.secret_key)?);
        Some(NewSecret::default().with("accesskey", access).with("secretkey", secret))
    }
}

fn provider(text: &str) -> Result<BucketProvider, String> {
    let none = "no source bucket provider given, please specify the S3 compatible storage provider name";
    choice(text, &["generic", "aws", "azure", "gcp"], none, "source bucket provider")
}
