//! fetch-logs.
