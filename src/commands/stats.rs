//! `stats`: how many objects of each kind run, fail and are suspended.

use super::Context;
use super::Exit;
use super::output::DocumentArgs;
use crate::ops;
use crate::text::Table;
use anyhow::Context as _;
use serde_json::Value;
use serde_json::json;

/// Stats of Flux reconciles
#[derive(clap::Args, Debug)]
pub struct StatsArgs {
    /// Count the objects of all namespaces
    #[arg(long, short = 'A', global = true)]
    all_namespaces: bool,
    #[command(flatten)]
    output: DocumentArgs,
}

impl StatsArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let format = self.output.read()?;
        let client = context.client().await?;
        let namespace = (!self.all_namespaces).then_some(context.namespace.as_str());
        let stats = tokio::time::timeout(context.timeout, ops::stats(&client, namespace))
            .await
            .context("counting the objects: context deadline exceeded")?;
        context.ui.data(&match format {
            Some(format) => format.render(&document(&stats), false)?,
            None => table(&stats).render(true),
        })?;
        for failure in &stats.failures {
            context.ui.error(failure);
        }
        if stats.failures.is_empty() { Ok(()) } else { Err(Exit::silent(1).into()) }
    }
}

fn table(stats: &ops::Stats) -> Table {
    let rows = stats.counts.iter().map(|count| {
        let numbers = [count.running, count.failing, count.suspended].map(|number| number.to_string());
        [vec![count.kind.to_owned()], numbers.to_vec(), vec![size(count.storage)]].concat()
    });
    let header = ["reconcilers", "running", "failing", "suspended", "storage"];
    Table { header: header.map(str::to_owned).to_vec(), rows: rows.collect() }
}

/// `reconcilers`: for each kind the numbers of the table, and the bytes of its artifacts; `complete`: whether every kind could be listed.
fn document(stats: &ops::Stats) -> Value {
    let counts = stats.counts.iter().map(|count| {
        json!({
            "kind": count.kind, "running": count.running, "failing": count.failing, "suspended": count.suspended,
            "storageBytes": count.storage,
        })
    });
    json!({"reconcilers": counts.collect::<Vec<_>>(), "complete": stats.failures.is_empty()})
}

/// Bytes in the largest unit of which there is at least one.
fn size(bytes: u64) -> String {
    const UNITS: [char; 6] = ['K', 'M', 'G', 'T', 'P', 'E'];
    if bytes == 0 {
        return "-".to_owned();
    }
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let (mut unit, mut divisor) = (0, 1024_u64);
    while bytes / divisor >= 1024 {
        divisor *= 1024;
        unit += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let shown = bytes as f64 / divisor as f64;
    format!("{shown:.1} {}iB", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_shown_in_binary_units() {
        let sizes = [0, 1, 1023, 1024, 1536, 1_048_575, 1_048_576, 5_368_709_120];
        let shown = ["-", "1 B", "1023 B", "1.0 KiB", "1.5 KiB", "1024.0 KiB", "1.0 MiB", "5.0 GiB"];
        assert_eq!(sizes.map(size), shown);
    }
}
