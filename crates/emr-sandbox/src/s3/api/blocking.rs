//! Runs work on files on its own thread, where it does not delay other requests.

use std::sync::Arc;

use s3s::{S3Error, S3Result};
use tokio::task::spawn_blocking;

use crate::s3::store::Store;

/// Runs `work` on the store.
pub(super) async fn blocking<T: Send + 'static>(
    store: &Arc<Store>,
    work: impl FnOnce(&Store) -> T + Send + 'static,
) -> S3Result<T> {
    let store = Arc::clone(store);
    spawn_blocking(move || work(&store)).await.map_err(S3Error::internal_error)
}
