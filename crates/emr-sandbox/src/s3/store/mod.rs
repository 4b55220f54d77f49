//! What there is: buckets, objects, uploads, and the rules by which S3 changes them.

pub(super) mod body;
pub(super) mod buckets;
pub(super) mod checksum;
pub(super) mod condition;
pub(super) mod error;
pub(super) mod object;
pub(super) mod upload;
