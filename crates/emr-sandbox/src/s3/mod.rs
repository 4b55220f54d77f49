//! S3, as much of it as AWS's SDKs, the AWS CLI and mrjob use.
//!
//! A request passes these layers:
//!
//! - [`service`] removes the signature; [`payload`] decodes the body, with [`chunked`]
//! - `s3s` parses the request and writes the answer
//! - [`api`] has the operations
//! - [`store`] has the buckets and objects, and the rules by which they change
//!
//! [`operation`](mod@operation) names the operation of a request before it is answered.
//!
//! Any credentials are accepted, and requests without any. There are no versions, tags, access control
//! and encryption. Everything ends with the process.

mod api;
mod chunked;
mod operation;
mod payload;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use s3s::Body;

pub(crate) use self::api::{read_body, store_body};
pub(crate) use self::operation::operation;
pub(crate) use self::service::Service;
pub(crate) use self::store::{Algorithm, Bucket, Object, Store, StoreError, Written, now};
