//! Clusters and everything that belongs to them, in the shapes of EMR's API.

pub(crate) mod cluster;
pub(crate) mod ids;
pub(crate) mod instances;
pub(crate) mod normalized_hours;
pub(crate) mod status;
pub(crate) mod step;
pub(crate) mod steps;
pub(crate) mod timestamp;
