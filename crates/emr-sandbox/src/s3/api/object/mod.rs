//! The operations on objects.
//!
//! [`read`] finds the bytes that a GET or HEAD reads, [`source`] those that a copy reads.

pub(super) mod copy_object;
pub(super) mod delete_object;
pub(super) mod delete_object_tagging;
pub(super) mod delete_objects;
pub(super) mod get_object;
pub(super) mod get_object_attributes;
pub(super) mod get_object_tagging;
pub(super) mod head_object;
pub(super) mod put_object;
pub(super) mod put_object_tagging;
mod read;
pub(super) mod source;

pub(crate) use self::get_object::body as read_body;
