//! What is built from which module, and what the wrapper module around it must say.

use sha2::Digest;

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
        let digest = sha2::Sha256::digest(format!("{self:?}"));
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

/// The proxy refuses v0.18.2, which the controllers ask for; its neighbour builds the same.
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

const fn controller(
    part: &'static str,
    module: &'static str,
    version: &'static str,
    requires: &'static [(&'static str, &'static str)],
) -> Recipe {
    Recipe {
        part,
        module,
        version,
        package: module,
        requires,
        replaces: &[ARTIFACT],
        keeps_replacements: true,
        // The fork of Helm that helm-controller asks for is refused as a whole; it builds with Helm itself.
        drops: &["helm.sh/helm/v4"],
        ..PLAIN
    }
}

static RECIPES: &[Recipe] = &[
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
    controller(
        "source-controller",
        "github.com/fluxcd/source-controller",
        "v1.9.4",
        &[("github.com/fluxcd/source-controller/api", "v1.9.4")],
    ),
    controller(
        "kustomize-controller",
        "github.com/fluxcd/kustomize-controller",
        "v1.9.4",
        &[("github.com/fluxcd/kustomize-controller/api", "v1.9.4")],
    ),
    controller(
        "notification-controller",
        "github.com/fluxcd/notification-controller",
        "v1.9.3",
        &[("github.com/fluxcd/notification-controller/api", "v1.9.3")],
    ),
    controller(
        "helm-controller",
        "github.com/fluxcd/helm-controller",
        "v1.6.3",
        &[("github.com/fluxcd/helm-controller/api", "v1.6.3")],
    ),
    controller(
        "image-reflector-controller",
        "github.com/fluxcd/image-reflector-controller",
        "v1.2.4",
        &[("github.com/fluxcd/image-reflector-controller/api", "v1.2.4")],
    ),
    controller(
        "image-automation-controller",
        "github.com/fluxcd/image-automation-controller",
        "v1.2.4",
        &[("github.com/fluxcd/image-automation-controller/api", "v1.2.4")],
    ),
    // v2.2.3 is refused by the checksum database; its neighbour serves the same API.
    Recipe {
        part: "source-watcher",
        module: "github.com/fluxcd/source-watcher/v2",
        version: "v2.2.2",
        package: "github.com/fluxcd/source-watcher/v2/cmd",
        requires: &[("github.com/fluxcd/source-watcher/api/v2", "v2.2.3")],
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
    // The program that ours is compared with, with the manifests of its release.
    Recipe {
        part: "flux",
        module: "github.com/fluxcd/flux2/v2",
        version: "v2.9.4",
        package: "./cmd/flux",
        linker: "-X main.VERSION=2.9.4",
        embeds: Some(Embeds {
            module: "github.com/controlplaneio-fluxcd/flux-operator",
            version: "v0.58.0",
            folder: "config/data/flux/v2.9.4",
            into: "cmd/flux/manifests",
        }),
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
];

/// Everything that is built, the control plane first.
pub fn recipes() -> &'static [Recipe] {
    RECIPES
}

/// The recipe of a part.
pub fn recipe(part: &str) -> Option<&'static Recipe> {
    RECIPES.iter().find(|recipe| recipe.part == part)
}
