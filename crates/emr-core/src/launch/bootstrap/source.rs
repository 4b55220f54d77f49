//! Where something is that a node needs.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::model::content::Content;
use crate::upload::Item;

/// Where something is that a node needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Already where a node can fetch it.
    Remote(String),
    /// A local file.
    Local {
        /// Its path.
        path: PathBuf,
        /// Its content.
        content: Content,
    },
}

impl Source {
    /// What tells it from others wherever it lies.
    pub(super) fn identity(&self) -> String {
        match self {
            Self::Remote(uri) => uri.clone(),
            Self::Local { content, .. } => content.to_string(),
        }
    }

    /// The last part of its path.
    pub(super) fn base_name(&self) -> &str {
        let path = match self {
            Self::Remote(uri) => uri.as_str(),
            Self::Local { path, .. } => path.to_str().unwrap_or_default(),
        };
        path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
    }
}

/// What options mean on this machine.
pub struct Machine<'a> {
    /// A path with `~` and variables expanded.
    pub expand: &'a dyn Fn(&str) -> String,
    /// The content of a local file.
    pub content: &'a dyn Fn(&Path) -> Result<Content>,
}

impl Machine<'_> {
    /// What `place` names, a URI or a local path.
    pub(super) fn source(&self, place: &str) -> Result<Source> {
        if place.is_empty() || place.contains('\0') {
            return Err(Error::usage(format!("'{}' is not the path of a file", place.replace('\0', "\\0"))));
        }
        // EMR's nodes have scripts of AWS's own on their disks, such as file:/usr/share/aws/emr/install-hue.
        let is_of_node = place.starts_with("file:/");
        match Item::read(place) {
            Item::Local(path) if !is_of_node => Ok(Source::Local { content: (self.content)(&path)?, path }),
            _ => Ok(Source::Remote(place.to_owned())),
        }
    }
}
