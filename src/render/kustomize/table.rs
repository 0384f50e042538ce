//! The fields of one transformer, listed when they are first asked for.

use serde::Deserialize;
use serde::Deserializer;
use std::ops::Deref;
use std::ops::DerefMut;
use std::sync::LazyLock;

/// kustomize's own fields, or those of a configuration. Most builds ask for few of the tables.
#[derive(Debug, Clone)]
pub(super) enum Table<T: 'static> {
    Standard(&'static LazyLock<Vec<T>>),
    Own(Vec<T>),
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self::Own(Vec::new())
    }
}

impl<T> From<Vec<T>> for Table<T> {
    fn from(fields: Vec<T>) -> Self {
        Self::Own(fields)
    }
}

impl<T> Deref for Table<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        match self {
            Self::Standard(fields) => fields,
            Self::Own(fields) => fields,
        }
    }
}

/// What is changed is a copy.
impl<T: Clone> DerefMut for Table<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        if let Self::Standard(fields) = self {
            *self = Self::Own(fields.to_vec());
        }
        match self {
            Self::Own(fields) => fields,
            Self::Standard(_) => unreachable!("it has just been copied"),
        }
    }
}

impl<T: PartialEq> PartialEq for Table<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Table<T> {}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::Own)
    }
}
