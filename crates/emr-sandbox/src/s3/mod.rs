//! S3 on the wire, as much of it as AWS's SDKs, the AWS CLI and mrjob use.
//!
//! A request passes these layers:
//!
//! - [`service`] takes off the signature; [`payload`] and [`chunked`] open the body
//! - `s3s` parses the request and words the answer
//! - [`api`] maps each operation to the store
//! - [`store`] holds the truth under one lock and keeps the bytes on disk
//!
//! [`operation`] names a request before it is answered.
//!
//! It refuses nobody: any credentials and none are accepted. There are no versions, no tags, no access
//! control and no encryption, and nothing is kept when the process ends.

mod api;
mod chunked;
mod operation;
mod payload;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use s3s::Body;

pub(crate) use self::operation::operation;
pub(crate) use self::service::Service;
pub(crate) use self::store::Object;
pub(crate) use self::store::Store;
