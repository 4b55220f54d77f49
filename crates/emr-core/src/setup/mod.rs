//! Commands that name files: what mrjob's options `setup` and `bootstrap` are written in.
//!
//! A command such as `cd src.tar.gz#src/; make` names a file of this machine that the machine which runs it gets. One
//! grammar serves the nodes of a job flow ([`launch::bootstrap`](crate::launch::bootstrap)) and the tasks of its jobs:
//! [`Command`] reads it, [`Folder`] decides under which name each file is there, and [`statements`] joins the commands
//! that a shell has to read together.

mod command;
mod folder;
mod source;
mod statement;

pub use command::{Command, Part};
pub use folder::{Folder, NamedFile};
pub use source::{Machine, Source, packs_none};
pub use statement::group as statements;
