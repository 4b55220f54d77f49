//! The stored buckets, objects and uploads, with S3's rules for changing them.
//!
//! - [`buckets`] is the store itself, an index under one lock; [`multipart`] extends it by multipart uploads, each of
//!   which is an [`upload`]
//! - [`object`] describes an object, with its [`tags`] and its [`storage`] attributes; [`body`] keeps its bytes on
//!   disk, with their [`checksum`]
//! - [`recorded`] is an object that a recorded account begins with
//! - [`condition`] checks conditional requests
//! - [`error`] has the store's refusals, in S3's words

pub(super) mod body;
pub(super) mod buckets;
pub(super) mod checksum;
pub(super) mod condition;
pub(super) mod error;
mod multipart;
pub(super) mod object;
mod recorded;
pub(super) mod storage;
pub(super) mod tags;
pub(super) mod upload;

pub(crate) use self::body::Written;
pub(crate) use self::buckets::{Bucket, Store};
pub(crate) use self::checksum::Algorithm;
pub(crate) use self::error::StoreError;
pub(crate) use self::object::{Object, now};
pub(crate) use self::recorded::RecordedObject;
