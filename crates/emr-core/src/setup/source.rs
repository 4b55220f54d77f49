//! The place of a file that another machine needs: on S3 already, or on this machine and to be uploaded.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::model::content::Content;
use crate::upload::Item;

/// The place of a file that another machine needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A URI from which the machine can fetch it.
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
    /// Equal for two sources exactly when the same is got from them: the URI, or the hash of a local file.
    #[must_use]
    pub fn identity(&self) -> String {
        match self {
            Self::Remote(uri) => uri.clone(),
            Self::Local { content, .. } => content.to_string(),
        }
    }

    /// The last part of its path.
    #[must_use]
    pub fn base_name(&self) -> &str {
        let path = match self {
            Self::Remote(uri) => uri.as_str(),
            Self::Local { path, .. } => path.to_str().unwrap_or_default(),
        };
        path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
    }
}

/// What paths in options mean on this machine. Functions are passed in, because the rules read no files.
pub struct Machine<'a> {
    /// Expands `~` and variables in a path.
    pub expand: &'a dyn Fn(&str) -> String,
    /// Hashes the content of a local file.
    pub content: &'a dyn Fn(&Path) -> Result<Content>,
    /// Packs a local directory into an archive, or refuses to, as [`packs_none`] does.
    pub pack: &'a dyn Fn(&Path) -> Result<Source>,
}

/// The error that the directory `path` is not packed.
pub fn packs_none(path: &Path) -> Result<Source> {
    Err(Error::usage(format!("{}/ is a directory", path.display()))
        .advise("pack it, as with tar czf, and name the archive: ARCHIVE#NAME/"))
}

impl Machine<'_> {
    /// The file that `place`, a URI or a local path, names.
    pub fn source(&self, place: &str) -> Result<Source> {
        if place.is_empty() || place.contains('\0') {
            return Err(Error::usage(format!("'{}' is not the path of a file", place.replace('\0', "\\0"))));
        }
        // A file on the disk of the node, where AWS has scripts such as file:/usr/share/aws/emr/install-hue.
        let is_of_node = place.starts_with("file:/");
        match Item::read(place) {
            Item::Local(path) if !is_of_node => Ok(Source::Local { content: (self.content)(&path)?, path }),
            _ => Ok(Source::Remote(place.to_owned())),
        }
    }
}
