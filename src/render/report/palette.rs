//! The colours of a report. Where a terminal has sixteen, each becomes the nearest of them.

/// Red, green and blue, and the code of the nearest of the sixteen colours (CIEDE2000).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour {
    pub(super) rgb: [u8; 3],
    pub(super) nearest: u8,
}

const fn colour(red: u8, green: u8, blue: u8, nearest: u8) -> Colour {
    Colour { rgb: [red, green, blue], nearest }
}

pub(super) const ADDED: Colour = colour(0x58, 0xbf, 0x38, 32);
pub(super) const CHANGED: Colour = colour(0xc7, 0xc4, 0x3f, 93);
pub(super) const REMOVED: Colour = colour(0xb9, 0x31, 0x1b, 31);
/// What is the same on the side of what was added.
pub(super) const SAME_AS_ADDED: Colour = colour(0x90, 0xee, 0x90, 92);
/// What is the same on the side of what was removed.
pub(super) const SAME_AS_REMOVED: Colour = colour(0xff, 0xa0, 0x7a, 91);

/// The colours of YAML.
pub(super) struct Scheme {
    /// Of keys and dashes.
    pub(super) key: Colour,
    pub(super) indent: Colour,
    pub(super) scalar: Colour,
    pub(super) multiline: Colour,
    pub(super) null: Colour,
    pub(super) empty: Colour,
}

pub(super) const GREENISH: Scheme = Scheme {
    key: colour(0, 0x80, 0, 32),
    indent: colour(0, 51, 0, 30),
    scalar: colour(0x32, 0xcd, 0x32, 32),
    multiline: colour(0x6b, 0x8e, 0x23, 32),
    null: colour(0x80, 0x80, 0, 32),
    empty: colour(0x55, 0x6b, 0x2f, 90),
};

pub(super) const REDDISH: Scheme = Scheme {
    key: colour(0xb2, 0x22, 0x22, 31),
    indent: colour(51, 0, 0, 30),
    scalar: colour(0xf0, 0x80, 0x80, 91),
    multiline: colour(0xe9, 0x96, 0x7a, 91),
    null: colour(0xfa, 0x80, 0x72, 91),
    empty: SAME_AS_REMOVED,
};

/// What bunt takes a code of the sixteen for when it reads it again. The nearest of the sixteen is then not always the same one.
pub(super) fn of_code(code: u8) -> Option<Colour> {
    Some(match code {
        30 => colour(1, 1, 1, 30),
        31 => colour(222, 56, 43, 91),
        32 => colour(57, 181, 74, 32),
        90 => colour(128, 128, 128, 37),
        91 => colour(255, 0, 0, 91),
        92 => colour(0, 255, 0, 92),
        93 => colour(255, 255, 0, 33),
        _ => return None,
    })
}
