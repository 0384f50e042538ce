//! What is built from which module, and what the wrapper module around it must say.

use fluxr::testing::distribution::Release;
use sha2::Digest;
use std::sync::LazyLock;

/// How one binary is made.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Name of the binary.
    pub part: &'static str,
    pub module: &'static str,
    pub version: &'static str,
    /// The main package.
    pub package: &'static str,
    /// Further modules that the wrapper requires.
    pub requires: &'static [(&'static str, &'static str)],
    /// Modules to take instead: old, new and version.
    pub replaces: &'static [(&'static str, &'static str)],
    /// Whether the module's own replacements by other modules are taken over.
    pub keeps_replacements: bool,
    /// Replacements of the module that the proxy refuses, and which the program builds without.
    pub drops: &'static [&'static str],
    /// Further linker flags.
    pub linker: &'static str,
    /// Files that the program embeds, but that its module does not carry: it is built from a copy that has them.
    pub embeds: Option<Embeds>,
    /// A main package of our own that uses the module.
    pub program: Option<&'static str>,
    /// What a program needs that is built in a copy of its module, because it reads files of it while it runs.
    pub whole: Option<Whole>,
}

/// A program with files of its module beside it. It uses C.
#[derive(Debug, Clone)]
pub struct Whole {
    pub tags: &'static str,
    /// The folders that stay beside the binary.
    pub keeps: &'static [&'static str],
}

/// Files of another module, and where they belong.
#[derive(Debug, Clone)]
pub struct Embeds {
    pub module: &'static str,
    pub version: &'static str,
    /// Their folder there.
    pub folder: &'static str,
    /// Their folder in the copy.
    pub into: &'static str,
}

impl Recipe {
    /// Name of its folder in the cache: anything that changes the result changes the name.
    pub fn folder(&self) -> String {
        // What was built before there were such programs keeps its name.
        let digest = sha2::Sha256::digest(format!("{self:?}").replace(", whole: None", ""));
        format!("{}-{}-{}", self.part, self.version, &hex::encode(digest)[..8])
    }
}

const PLAIN: Recipe = Recipe {
    part: "",
    module: "",
    version: "",
    package: "",
    requires: &[],
    replaces: &[],
    keeps_replacements: false,
    drops: &[],
    linker: "",
    embeds: None,
    program: None,
    whole: None,
};

/// The staging modules of Kubernetes, which its own module replaces by folders.
pub(super) const STAGING: [&str; 33] = [
    "api",
    "apiextensions-apiserver",
    "apimachinery",
    "apiserver",
    "cli-runtime",
    "client-go",
    "cloud-provider",
    "cluster-bootstrap",
    "code-generator",
    "component-base",
    "component-helpers",
    "controller-manager",
    "cri-api",
    "cri-client",
    "cri-streaming",
    "csi-translation-lib",
    "dynamic-resource-allocation",
    "endpointslice",
    "externaljwt",
    "kms",
    "kube-aggregator",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubectl",
    "kubelet",
    "metrics",
    "mount-utils",
    "pod-security-admission",
    "sample-apiserver",
    "sample-cli-plugin",
    "sample-controller",
    "streaming",
];
/// The version of the staging modules that belongs to [`KUBERNETES`].
pub(super) const STAGING_VERSION: &str = "v0.36.4";
const KUBERNETES: &str = "v1.36.4";
/// Without these `/version` is a placeholder and version checks fail.
const KUBERNETES_LINKER: &str = "-X k8s.io/component-base/version.gitVersion=v1.36.4 \
    -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36";

/// The module that has the rendered manifests of every release, its version, and the folder of the releases in it.
pub const RELEASES: (&str, &str, &str) =
    ("github.com/controlplaneio-fluxcd/flux-operator", "v0.59.0", "config/data/flux");

/// The proxy refuses v0.18.2 and v0.18.3, which the controllers ask for; its neighbour builds the same.
const ARTIFACT: (&str, &str) = ("github.com/fluxcd/pkg/artifact", "v0.18.1");

const fn kubernetes(part: &'static str, package: &'static str) -> Recipe {
    Recipe {
        part,
        module: "k8s.io/kubernetes",
        version: KUBERNETES,
        package,
        linker: KUBERNETES_LINKER,
        ..PLAIN
    }
}

/// A controller of Flux at the version that a release has of it.
fn controller(release: &Release, part: &'static str) -> Recipe {
    let version = version_of(release, part);
    let module = keep(format!("github.com/fluxcd/{part}"));
    Recipe {
        part,
        module,
        version,
        package: module,
        requires: Vec::leak(vec![(keep(format!("{module}/api")), version)]),
        replaces: &[ARTIFACT],
        keeps_replacements: true,
        // The fork of Helm that helm-controller asks for is refused as a whole; it builds with Helm itself.
        drops: &["helm.sh/helm/v4"],
        ..PLAIN
    }
}

/// The recipes live as long as the program; so do the texts that are read from the table of releases.
fn keep(text: String) -> &'static str {
    text.leak()
}

fn version_of(release: &Release, part: &str) -> &'static str {
    let component = release.component(part);
    keep(component.map(|component| component.version.clone()).unwrap_or_default())
}

static RECIPES: LazyLock<Vec<Recipe>> = LazyLock::new(|| {
    let current = Release::current();
    // Its controllers take the place of those that the proxy refuses at their current version.
    let earlier = Release::all().pop().unwrap_or_else(Release::current);
    let version = current.version.trim_start_matches('v');
    vec![
        Recipe {
            part: "etcd",
            module: "go.etcd.io/etcd/server/v3",
            version: "v3.6.14",
            package: "go.etcd.io/etcd/server/v3",
            ..PLAIN
        },
        kubernetes("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
        kubernetes("kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager"),
        kubernetes("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler"),
        Recipe {
            part: "kwok",
            module: "sigs.k8s.io/kwok",
            version: "v0.8.0",
            package: "sigs.k8s.io/kwok/cmd/kwok",
            ..PLAIN
        },
        controller(&current, "source-controller"),
        controller(&current, "kustomize-controller"),
        controller(&earlier, "notification-controller"),
        controller(&current, "helm-controller"),
        controller(&earlier, "image-reflector-controller"),
        controller(&earlier, "image-automation-controller"),
        // The versions of both releases are refused; their neighbour serves the same API.
        Recipe {
            part: "source-watcher",
            module: "github.com/fluxcd/source-watcher/v2",
            version: "v2.2.2",
            package: "github.com/fluxcd/source-watcher/v2/cmd",
            requires: Vec::leak(vec![(
                "github.com/fluxcd/source-watcher/api/v2",
                version_of(&earlier, "source-watcher"),
            )]),
            replaces: &[ARTIFACT],
            keeps_replacements: true,
            ..PLAIN
        },
        // Reads YAML as Go's libraries do, at the versions that kustomize 5.8.1 uses.
        Recipe {
            part: "yaml-referee",
            module: "sigs.k8s.io/kustomize/api",
            version: "v0.21.1",
            package: ".",
            requires: &[("sigs.k8s.io/kustomize/kyaml", "v0.21.1"), ("sigs.k8s.io/yaml", "v1.6.0")],
            program: Some(include_str!("../../go/yaml-referee/main.go")),
            ..PLAIN
        },
        // Judges objects as kstatus does.
        Recipe {
            part: "kstatus-referee",
            module: "sigs.k8s.io/cli-utils",
            version: "v0.37.2",
            package: ".",
            requires: &[("k8s.io/apimachinery", "v0.30.1")],
            program: Some(include_str!("../../go/kstatus-referee/main.go")),
            ..PLAIN
        },
        // Reports differences with the libraries of the Flux CLI, at the versions that it uses.
        Recipe {
            part: "dyff-referee",
            module: "github.com/fluxcd/flux2/v2",
            version: keep(current.version.clone()),
            package: ".",
            keeps_replacements: true,
            program: Some(include_str!("../../go/dyff-referee/main.go")),
            ..PLAIN
        },
        // Describes the APIs of forges by the clients that the Flux CLI has for them.
        Recipe {
            part: "forge-descriptions",
            module: "github.com/fluxcd/go-git-providers",
            version: "v0.27.0",
            package: ".",
            requires: &[("gitlab.com/gitlab-org/api/client-go", "v1.46.0")],
            program: Some(include_str!("../../go/forge-descriptions/main.go")),
            ..PLAIN
        },
        // The program that ours is compared with, with the manifests of its release.
        Recipe {
            part: "flux",
            module: "github.com/fluxcd/flux2/v2",
            version: keep(current.version.clone()),
            package: "./cmd/flux",
            linker: keep(format!("-X main.VERSION={version}")),
            embeds: Some(Embeds {
                module: RELEASES.0,
                version: RELEASES.1,
                folder: keep(format!("{}/{}", RELEASES.2, current.version)),
                into: "cmd/flux/manifests",
            }),
            ..PLAIN
        },
        // The registry of the distribution project.
        Recipe {
            part: "registry",
            module: "github.com/distribution/distribution/v3",
            version: "v3.1.2",
            package: "github.com/distribution/distribution/v3/cmd/registry",
            ..PLAIN
        },
        // A registry that was written independently of it.
        Recipe {
            part: "crane",
            module: "github.com/google/go-containerregistry",
            version: "v0.21.6",
            package: "github.com/google/go-containerregistry/cmd/crane",
            ..PLAIN
        },
        // An object store with the API of S3, which checks the signature of every request.
        Recipe {
            part: "versitygw",
            module: "github.com/versity/versitygw",
            version: "v1.8.0",
            package: "github.com/versity/versitygw/cmd/versitygw",
            ..PLAIN
        },
        // The program that our builds of kustomizations are compared with.
        Recipe {
            part: "kustomize",
            module: "sigs.k8s.io/kustomize/kustomize/v5",
            version: "v5.8.1",
            package: "sigs.k8s.io/kustomize/kustomize/v5",
            ..PLAIN
        },
        // `gitea.dev` modules, which later versions ask for, are refused.
        Recipe {
            part: "gitea",
            module: "code.gitea.io/gitea",
            version: "v1.26.4",
            package: ".",
            linker: "-X main.Version=1.26.4",
            whole: Some(Whole { tags: "sqlite sqlite_unlock_notify", keeps: &["templates", "options"] }),
            ..PLAIN
        },
    ]
});

/// Everything that is built, the control plane first.
pub fn recipes() -> &'static [Recipe] {
    &RECIPES
}

/// The recipe of a part.
pub fn recipe(part: &str) -> Option<&'static Recipe> {
    RECIPES.iter().find(|recipe| recipe.part == part)
}
