//! The commands: flags in, a call of a lower floor, lines on the `Ui` out.

mod bootstrap;
mod build;
mod check;
mod completion;
mod create;
mod debug;
mod delete;
mod diff;
mod docgen;
mod drift;
mod envsubst;
mod events;
mod export;
mod get;
mod graph;
mod help;
mod history;
mod install;
mod kustomize;
mod list;
mod logs;
mod migrate;
mod plugin;
mod promote;
mod pull;
mod push;
mod reconcile;
mod resume;
mod rollback;
mod root;
mod set;
mod stats;
mod suspend;
mod tag;
mod trace;
mod tree;
mod trigger;
mod uninstall;
mod version;
mod wait;
mod why;

pub use root::TREE;
use root::commands;

// By what they are for, in the order in which help shows them.
commands! {
    "Start" {
        bootstrap::BootstrapArgs as Bootstrap,
        install::InstallArgs as Install,
        check::CheckArgs as Check,
        uninstall::UninstallArgs as Uninstall,
        version::VersionArgs as Version,
        plugin::PluginArgs as Plugin,
        completion::CompletionArgs as Completion,
        help::HelpArgs as Help,
    }
    "Look" {
        get::GetArgs as Get,
        why::WhyArgs as Why,
        graph::GraphArgs as Graph,
        history::HistoryArgs as History,
        drift::DriftArgs as Drift,
        tree::TreeArgs as Tree,
        trace::TraceArgs as Trace,
        events::EventsArgs as Events,
        logs::LogsArgs as Logs,
        stats::StatsArgs as Stats,
        debug::DebugArgs as Debug,
    }
    "Steer" {
        reconcile::ReconcileArgs as Reconcile,
        wait::WaitArgs as Wait,
        suspend::SuspendArgs as Suspend,
        resume::ResumeArgs as Resume,
        rollback::RollbackArgs as Rollback,
        delete::DeleteArgs as Delete,
        trigger::TriggerArgs as Trigger,
    }
    "Write" {
        create::CreateArgs as Create,
        set::SetArgs as Set,
        promote::PromoteArgs as Promote,
        export::ExportArgs as Export,
        migrate::MigrateArgs as Migrate,
    }
    "Build" {
        kustomize::KustomizeArgs as Kustomize,
        build::BuildArgs as Build,
        diff::DiffArgs as Diff,
        envsubst::EnvsubstArgs as Envsubst,
    }
    "Publish" {
        push::PushArgs as Push,
        pull::PullArgs as Pull,
        tag::TagArgs as Tag,
        list::ListArgs as List,
    }
    hidden {
        docgen::DocgenArgs as Docgen,
    }
}
