//! What the tests and the testbed use of the library. Nothing else does, and nothing here is a stable interface.

pub mod api {
    pub use crate::api::DOMAIN;
    pub use crate::api::Kind;
    pub use crate::api::ObjectId;
}

pub mod cluster {
    pub use crate::cluster::Access;
    pub use crate::cluster::Applied;
    pub use crate::cluster::BUILT_IN;
    pub use crate::cluster::Change;
    pub use crate::cluster::Deadline;
    pub use crate::cluster::Selection;
    pub use crate::cluster::Status;
    pub use crate::cluster::api_for;
    pub use crate::cluster::apply_as;
    pub use crate::cluster::connect;
    pub use crate::cluster::is_missing;
    pub use crate::cluster::judge_selector;
    pub use crate::cluster::kubeconfig;
    pub use crate::cluster::list;
    pub use crate::cluster::status_of;
}

pub mod commands {
    use crate::cli;
    use crate::commands::TREE;

    /// The whole command tree, as the parser and completion see it.
    pub fn command(program: &'static str) -> clap::Command {
        TREE.whole(program)
    }

    pub use crate::cli::pages::pages;

    /// The whole command tree, as people read it.
    pub fn manual(program: &'static str) -> clap::Command {
        cli::help_text::manual(TREE, program)
    }
}

pub mod distribution {
    pub use crate::distribution::ComponentOptions;
    pub use crate::distribution::Published;
    pub use crate::distribution::Release;
    pub use crate::distribution::Releases;
    pub use crate::distribution::current_version;
    pub use crate::distribution::generate;
}

pub mod forge {
    pub use crate::forge::DeployKey;
    pub use crate::forge::Forge;
    pub use crate::forge::Hosted;
    pub use crate::forge::Opening;
    pub use crate::forge::Owner;
    pub use crate::forge::RepositoryAddress;
    pub use crate::forge::github::GitHub;
}

pub mod git {
    pub use crate::git::Advertised;
    pub use crate::git::Auth;
    pub use crate::git::Author;
    pub use crate::git::Destination;
    pub use crate::git::Files;
    pub use crate::git::GitError;
    pub use crate::git::GitUrl;
    pub use crate::git::Item;
    pub use crate::git::Remote;
    pub use crate::git::Replaces;
    pub use crate::git::WantedCommit;
    pub use crate::git::Workspace;
    pub use crate::git::ssh::SshAuth;

    pub mod sign {
        pub use crate::git::sign::OpenPgpKey;
        pub use crate::git::sign::Signer;
    }

    pub mod ssh {
        pub use crate::git::ssh::Curve;
        pub use crate::git::ssh::KeyAlgorithm;
        pub use crate::git::ssh::KeyPair;
        pub use crate::git::ssh::PrivateKey;
        pub use crate::git::ssh::scan_host_key;
    }
}

pub mod kind {
    pub use crate::kind::KINDS;
    pub use crate::kind::by_name;
    pub use crate::kind::by_word;
    pub use crate::kind::definition;
    pub use crate::kind::typed;
}

pub mod net {
    pub use crate::net::Proxy;
    pub use crate::net::Retryable;
    pub use crate::net::Unusable;
}

pub mod oci {
    pub use crate::oci::Credentials;
    pub use crate::oci::Places;
    pub use crate::oci::Reference;
    pub use crate::oci::archive::walk;
    pub use crate::oci::challenge::choose;
}

pub mod ops {
    pub use crate::ops::Event;
    pub use crate::ops::ReconcileRequest;
    pub use crate::ops::Session;
    pub use crate::ops::Sink;
    pub use crate::ops::reconcile;
    pub use crate::ops::resume;
    pub use crate::ops::suspend;

    pub mod get {
        pub use crate::ops::get::ColumnsWanted;
        pub use crate::ops::get::Rows;
        pub use crate::ops::get::list;
    }

    pub mod plugins {
        pub use crate::ops::plugins::Entry;
        pub use crate::ops::plugins::Manifest;
    }

    pub mod why {
        pub use crate::ops::why::Question;
        pub use crate::ops::why::why;
    }
}

pub mod present {
    pub use crate::present::Output;
}

pub mod render {
    pub use crate::render::Disk;
    pub use crate::render::IgnoreFiles;
    pub use crate::render::Memory;
    pub use crate::render::Missing;
    pub use crate::render::Nowhere;
    pub use crate::render::substitute;

    pub mod kustomize {
        pub use crate::render::kustomize::Options;
        pub use crate::render::kustomize::Outside;
        pub use crate::render::kustomize::Reorder;
        pub use crate::render::kustomize::Restrictor;
        pub use crate::render::kustomize::build;
        pub use crate::render::kustomize::build_with;
        pub use crate::render::kustomize::field_names;
        pub use crate::render::kustomize::render;
    }

    pub mod report {
        pub use crate::render::report::Detail;
        pub use crate::render::report::Difference;
        pub use crate::render::report::Element;
        pub use crate::render::report::Entries;
        pub use crate::render::report::Paint;
        pub use crate::render::report::WIDTH;
        pub use crate::render::report::compare;
        pub use crate::render::report::human;
    }
}

pub mod text {
    pub use crate::text::GoDuration;
    pub use crate::text::GoUrl;
    pub use crate::text::IgnoreRules;
    pub use crate::text::Secret;
    pub use crate::text::SemverRange;
    pub use crate::text::clean_relative_path;
    pub use crate::text::hints;

    pub mod csv {
        pub use crate::text::first_record;
    }

    pub mod json {
        pub use crate::text::json::compact;
    }

    pub mod jsonpath {
        pub use crate::text::jsonpath::Template;
    }

    pub mod strvals {
        pub use crate::text::layered::Layered;
        pub use crate::text::strvals::assign;
    }

    pub mod yaml {
        pub use crate::text::yaml::Node;
        pub use crate::text::yaml::document;
        pub use crate::text::yaml::documents;
        pub use crate::text::yaml::nodes;
        pub use crate::text::yaml::to_string;

        pub mod edit {
            pub use crate::text::yaml::edit::Manifest;
            pub use crate::text::yaml::edit::NotEditable;
            pub use crate::text::yaml::edit::Step;
            pub use crate::text::yaml::edit::keys;
        }
    }
}
