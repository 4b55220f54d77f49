//! S3, as far as AWS's SDKs, the AWS CLI and mrjob use it.
//!
//! A request passes these layers:
//!
//! - [`address`] takes the bucket from a virtual-hosted name
//! - [`service`] removes the signature and adjusts the request so that `s3s` reads it as S3 does, with [`arguments`],
//!   [`copy_source`], [`creation`], [`length`], [`withheld`] and [`metadata`]; [`payload`] decodes the body, with
//!   [`chunked`]
//! - `s3s` parses the request and writes the answer
//! - [`api`] has the operations; [`range`] parses ranges of bytes
//! - [`store`] has the buckets and objects, and the rules for changing them
//! - [`refusal`] is S3's answer to a refused request
//!
//! [`operation`](mod@operation) names the operation of a request before it is answered.
//!
//! Any credentials are accepted, and requests without any. There is no versioning, access control or policy. Storage
//! classes and encryption are stored and answered, and have no effect. Everything ends with the process.

mod address;
mod api;
mod arguments;
pub(crate) mod chunked;
mod copy_source;
mod creation;
mod length;
mod metadata;
mod operation;
mod payload;
mod percent;
mod range;
mod refusal;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod withheld;

pub(crate) use s3s::Body;

pub(crate) use self::address::into_path_style;
pub(crate) use self::api::{is_region, read_body, store_body};
pub(crate) use self::operation::operation;
pub(crate) use self::refusal::Refusal;
pub(crate) use self::service::{Service, refuse};
pub(crate) use self::store::{Algorithm, Bucket, Object, RecordedObject, Store, StoreError, Written, now};
