//! The nouns: ids, instances, job flows, clusters, steps, and the records that tools print.
//!
//! Only values. Nothing here does input or output, decides, or knows the time.

pub mod base32;
pub mod bid;
pub mod cause;
pub mod claim;
pub mod cluster;
pub mod configuration;
pub mod content;
pub mod description;
pub mod encryption;
pub mod id;
pub mod instance;
pub mod instance_type;
pub mod instances;
pub mod job_flow;
pub mod lock;
pub mod log;
pub mod owner;
pub mod place;
pub mod pool;
pub mod record;
pub mod release;
pub mod run_id;
pub mod s3_uri;
pub mod scratch_uri;
pub mod size;
pub mod step;
pub mod tag;
pub mod time;
