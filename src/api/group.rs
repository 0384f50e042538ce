//! The groups that kinds have on the command line.

/// Kinds whose words begin alike: `source git`, `source helm`.
#[derive(Debug)]
pub struct Group {
    /// The word behind `suspend`, `export`, `create`, …
    pub one: &'static str,
    /// The word behind `get`.
    pub many: &'static str,
    pub about: &'static str,
    /// Whether `get all` lists its kinds.
    pub is_among_all: bool,
}

static GROUPS: [Group; 3] = [
    Group { one: "source", many: "sources", about: "Sources of manifests and charts", is_among_all: true },
    Group {
        one: "image",
        many: "images",
        about: "Image repositories, policies and updates",
        is_among_all: true,
    },
    // As upstream has it, generators are not among all.
    Group { one: "artifact", many: "artifacts", about: "Generators of artifacts", is_among_all: false },
];

impl Group {
    /// The group that has this word.
    pub fn named(word: &str) -> Option<&'static Self> {
        GROUPS.iter().find(|group| [group.one, group.many].contains(&word))
    }
}
