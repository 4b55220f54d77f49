//! find-pool against the sandbox.
