//! The places that have logs of a job flow: its nodes while it lives, and S3. Decides which of them to ask.

use emr_aws::s3::ObjectPages;
use emr_aws::{Aws, S3};
use emr_core::error::{Error, Outcome, Result};
use emr_core::logs::{Folders, Generation, Identity, Subject};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::log::{LogFile, Place};
use emr_core::model::s3_uri::S3Uri;
use emr_ssh::Session;
use futures_util::future::try_join_all;

use super::node::{self, OnNodes};

/// The logs of one job flow.
pub struct Logs<'a> {
    pub(super) generation: Generation,
    session: Option<&'a Session>,
    s3: &'a S3,
    /// The folders of the job flow on S3, that of the step before the common one.
    roots: Vec<S3Uri>,
}

impl<'a> Logs<'a> {
    /// The logs of `cluster`: on its nodes if there is a `session`, and on S3 at its `LogUri` and at `log_uri`, that of a
    /// step. It is an error if there is none of these.
    pub fn of(
        aws: &'a Aws,
        cluster: &ClusterDetail,
        log_uri: Option<&str>,
        session: Option<&'a Session>,
    ) -> Result<Self> {
        let id = &cluster.cluster.id;
        let uris = log_uri.into_iter().chain(cluster.log_uri.as_deref());
        let root = |uri: &str| Ok(uri.parse::<S3Uri>()?.join(&format!("{id}/")));
        let mut roots = uris.map(root).collect::<Result<Vec<_>>>()?;
        roots.dedup();
        if roots.is_empty() && session.is_none() {
            let none = Error::new(Outcome::No, format!("{id} has no LogUri: EMR copies none of its logs to S3"));
            return Err(none.advise(
                "start job flows with --s3-log-uri, or s3_log_uri in mrjob.conf; while this one lives, give \
                 --ec2-key-pair-file to read its logs on its nodes",
            ));
        }
        Ok(Self { generation: Generation::of(cluster), session, s3: &aws.s3, roots })
    }

    /// The logs in `folders`: those on the nodes, and those on S3 that are not on the nodes, or cannot be read there.
    ///
    /// A node that does not answer is a warning. S3 is asked if the nodes have nothing, if one did not answer, if a log
    /// cannot be read, or if some may be gone, as nodes that ran tasks may be.
    pub async fn list(&self, folders: &Folders) -> Result<Vec<LogFile>> {
        let on_nodes = self.list_on_nodes(folders).await;
        on_nodes.errors.iter().for_each(|error| log::warn!("{error}"));
        self.add_those_on_s3(on_nodes, folders).await
    }

    pub(super) async fn list_on_nodes(&self, folders: &Folders) -> OnNodes {
        match self.session {
            Some(session) => node::list(session, self.generation, folders).await,
            None => OnNodes::default(),
        }
    }

    /// What the nodes have, and what S3 has beyond that.
    pub(super) async fn add_those_on_s3(&self, on_nodes: OnNodes, folders: &Folders) -> Result<Vec<LogFile>> {
        let OnNodes { mut files, unreadable, errors } = on_nodes;
        if errors.is_empty() && !files.is_empty() && unreadable.is_empty() && !folders.on_every_node {
            return Ok(files);
        }
        match self.list_on_s3(folders).await {
            Ok(on_s3) => {
                let new: Vec<_> =
                    on_s3.into_iter().filter(|file| !files.iter().any(|known| is_copy(file, known))).collect();
                files.extend(new);
            }
            Err(error) if !files.is_empty() || !unreadable.is_empty() => log::warn!("{error}"),
            Err(error) => return Err(error),
        }
        // Reading one that is nowhere else fails with the reason.
        let nowhere: Vec<_> =
            unreadable.into_iter().filter(|file| !files.iter().any(|known| is_copy(file, known))).collect();
        files.extend(nowhere);
        Ok(files)
    }

    async fn list_on_s3(&self, folders: &Folders) -> Result<Vec<LogFile>> {
        let places = self.roots.iter().flat_map(|root| folders.on_s3.iter().map(|folder| root.join(folder)));
        let lists = places.map(|place| self.s3.logs_below(place).all());
        Ok(try_join_all(lists).await?.into_iter().flatten().collect())
    }

    /// Every log of the job flow: page by page on S3, or all on its nodes if it has no `LogUri`.
    #[must_use]
    pub fn all(&self) -> AllLogs<'_> {
        match self.roots.last() {
            Some(root) => AllLogs::OnS3(self.s3.logs_below(root.clone())),
            None => AllLogs::OnNodes(Some(self)),
        }
    }

    /// Passes the bytes of `file`, from the byte `from` on, to `each` as they come, until it returns false.
    pub async fn read(&self, file: &LogFile, from: u64, mut each: impl FnMut(&[u8]) -> bool) -> Result<()> {
        match (&file.place, self.session) {
            (Place::S3 { uri }, _) => {
                let mut body = self.s3.open(uri, from).await?;
                while let Some(bytes) = body.next().await? {
                    if !each(bytes.as_ref()) {
                        break;
                    }
                }
                Ok(())
            }
            (Place::Node { node, path }, Some(session)) => {
                node::read(session, self.generation, (node, path), (from, file.bytes), each).await
            }
            (Place::Node { .. }, None) => Err(Error::new(Outcome::Bug, format!("no session to read {}", file.place))),
        }
    }
}

/// Every log of a job flow, page by page.
pub enum AllLogs<'a> {
    /// As S3 lists them.
    OnS3(ObjectPages<'a>),
    /// On the nodes; `None` once they were listed.
    OnNodes(Option<&'a Logs<'a>>),
}

impl AllLogs<'_> {
    /// The next page; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<LogFile>>> {
        match self {
            Self::OnS3(pages) => pages.next().await,
            Self::OnNodes(logs) => {
                let Some(logs) = logs.take() else { return Ok(None) };
                let everywhere =
                    Folders { on_s3: vec![], on_nodes: vec!["/mnt/var/log/".to_owned()], on_every_node: true };
                logs.list(&everywhere).await.map(Some)
            }
        }
    }
}

/// Whether both are copies of one log.
fn is_copy(file: &LogFile, other: &LogFile) -> bool {
    let (one, two) = (Identity::of(file.place.path()), Identity::of(other.place.path()));
    one == two && one.subject != Subject::Other
}
