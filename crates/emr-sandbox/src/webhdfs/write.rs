//! Operations that change something.

use hyper::{Response, StatusCode};

use super::change::{Create, Gone, Tree};
use super::error::Refusal;
use super::request::{HdfsPath, Operation, WebHdfsRequest};
use super::tree::Node;
use super::{Service, empty_answer, json, json_answer};
use crate::s3::Body;

impl Service {
    /// Refuses early what would fail later, before the client sends or receives a body.
    pub(super) fn check(&self, asked: &WebHdfsRequest) -> Result<(), Refusal> {
        if asked.operation == Operation::Open {
            return self.file(&asked.path).map(|_| ());
        }
        let (_, key) = asked.path.in_bucket()?;
        self.change(&asked.path, |tree| tree.check_create(key, how_to_create(asked)))
    }

    pub(super) fn mkdirs(&self, path: &HdfsPath) -> Result<bool, Refusal> {
        let (_, key) = path.in_bucket()?;
        self.change(path, |tree| tree.mkdirs(key)).map(|_: Gone| true)
    }

    pub(super) fn delete(&self, asked: &WebHdfsRequest) -> Result<bool, Refusal> {
        let (_, key) = asked.path.in_bucket()?;
        let recursive = asked.is("recursive");
        self.change(&asked.path, |tree| tree.delete(key, recursive)).map(|gone| gone.is_some())
    }

    /// Renames. Without options, the answer says whether anything was moved, and an existing directory receives the
    /// source. With options, the destination is exact, and failure is an exception.
    pub(super) fn rename(&self, asked: &WebHdfsRequest) -> Result<Response<Body>, Refusal> {
        let (bucket, from) = asked.path.in_bucket()?;
        let to = HdfsPath::parse(&asked.parameter("destination").unwrap_or_default())?;
        let (to_bucket, to_key) = to.in_bucket()?;
        if bucket != to_bucket {
            return Err(Refusal::illegal(&format!("{} is in another bucket than {}", to.uri(), asked.path.uri())));
        }
        let options = asked.parameter("renameoptions");
        let overwrite = options.as_deref().is_some_and(|options| options.contains("OVERWRITE"));
        let is_into = options.is_none() && matches!(self.find(&to), Ok(Node::Directory));
        let name = from.rsplit('/').next().unwrap_or_default();
        let slash = if to_key.is_empty() { "" } else { "/" };
        let to_key = if is_into { format!("{to_key}{slash}{name}") } else { to_key.to_owned() };
        // Renaming a file to itself succeeds.
        let is_same = to_key == from && matches!(self.find(&asked.path), Ok(Node::File(_)));
        let moved = self.change(&asked.path, |tree| Ok(tree.rename(from, &to_key, overwrite)))?.is_some();
        match options {
            None => Ok(json_answer(StatusCode::OK, &json::boolean(moved || is_same))),
            Some(_) if moved => Ok(empty_answer(StatusCode::OK)),
            Some(_) => Err(self.why_not_renamed(&asked.path, &to)),
        }
    }

    fn why_not_renamed(&self, from: &HdfsPath, to: &HdfsPath) -> Refusal {
        match (self.find(from), self.find(to)) {
            (Err(refusal), _) => refusal,
            (_, Ok(_)) => Refusal::exists(to),
            _ => Refusal::io(&format!("rename of {} to {} failed", from.uri(), to.uri())),
        }
    }

    /// Changes the bucket of a path in one step.
    pub(super) fn change<T>(
        &self,
        path: &HdfsPath,
        change: impl FnOnce(&mut Tree<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let (name, _) = path.in_bucket()?;
        self.store.with_bucket(name, |bucket| Ok(change(&mut Tree { bucket, name, empty: &self.empty })))?
    }
}

/// How a request wants its file created, from `createflag` or `overwrite`.
pub(super) fn how_to_create(asked: &WebHdfsRequest) -> Create {
    let flags = asked.parameter("createflag").filter(|flags| !flags.is_empty());
    let overwrite = match flags {
        Some(flags) => flags.to_ascii_uppercase().contains("OVERWRITE"),
        None => asked.is("overwrite"),
    };
    let create_parent = asked.parameter("createparent").is_none_or(|value| !value.eq_ignore_ascii_case("false"));
    Create { overwrite, create_parent }
}
