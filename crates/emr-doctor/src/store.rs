//! The scratch URI and the log URI: whether they can be listed, written and locked, and where their buckets are.

use emr_aws::{Aws, Probed};
use emr_core::config::options::{S3_LOG_URI, S3_SCRATCH_URI, S3_SSE, S3_SSE_KMS_KEY_ID};
use emr_core::config::setting::value;
use emr_core::config::{Config, FilePath, Key};
use emr_core::error::{CallErrorKind, Error, Result};
use emr_core::model::encryption::Encryption;
use emr_core::model::record::ProbeRecord;
use emr_core::model::s3_uri::S3Uri;
use tokio::sync::watch;

use crate::account::advice;
use crate::record::{CheckRecord, NOT_SET, State};

const SCRATCH: &str = "scratch uri";

/// The checks of both places; the scratch URI is written to where `writes` says so.
pub(crate) async fn checks(
    aws: &Aws,
    config: &Config,
    writes: bool,
    stopped: &watch::Receiver<bool>,
) -> Vec<CheckRecord> {
    let (scratch, logs) = tokio::join!(scratch(aws, config, writes, stopped), logs(aws, config));
    scratch.into_iter().chain(logs).collect()
}

/// The S3 URI of the option `key`.
pub(crate) fn place(config: &Config, key: &'static Key<FilePath>) -> Result<Option<S3Uri>> {
    let said = config.get(key)?.map(|setting| setting.try_map(|text| text.parse()));
    Ok(value(said.transpose()?))
}

async fn scratch(aws: &Aws, config: &Config, writes: bool, stopped: &watch::Receiver<bool>) -> Vec<CheckRecord> {
    let place = match place(config, &S3_SCRATCH_URI) {
        Ok(Some(place)) => place,
        Ok(None) => {
            let advice = "set s3_scratch_uri in mrjob.conf, or give --s3-scratch-uri";
            return vec![CheckRecord::warning(
                SCRATCH,
                format!("{NOT_SET}: pools, uploads and locks need one"),
                advice,
            )];
        }
        Err(error) => return vec![CheckRecord::error(SCRATCH, State::Failure, &error, "write s3://BUCKET/FOLDER/")],
    };
    let listed = listed(aws, SCRATCH, &place).await;
    let is_no_use = listed.as_ref().is_err_and(|error| is_missing(error) || is_out_of_reach(error));
    let mut records = vec![listed.unwrap_or_else(|error| unlisted(SCRATCH, &error))];
    if writes && !is_no_use && !*stopped.borrow() {
        let probed = Box::pin(aws.s3.probe(&place.join(""), &|| *stopped.borrow())).await;
        records.extend(written(probed));
    }
    records
}

/// The log URI, where it has one of its own.
async fn logs(aws: &Aws, config: &Config) -> Vec<CheckRecord> {
    const CHECK: &str = "log uri";
    match place(config, &S3_LOG_URI) {
        Ok(Some(place)) => vec![listed(aws, CHECK, &place).await.unwrap_or_else(|error| unlisted(CHECK, &error))],
        Ok(None) => Vec::new(),
        Err(error) => vec![CheckRecord::error(CHECK, State::Failure, &error, "write s3://BUCKET/FOLDER/")],
    }
}

/// Whether the bucket of `place`, which can be listed, is in the region of the job flows.
async fn listed(aws: &Aws, check: &'static str, place: &S3Uri) -> Result<CheckRecord> {
    aws.s3.first_below(place.join("")).await?;
    let region = aws.s3.region_of(&place.bucket).unwrap_or_default();
    if region == aws.region() {
        return Ok(CheckRecord::ok(check, format!("{place} can be listed, and is in {region}")));
    }
    let found = format!("{place} can be listed, and is in {region}, while job flows are in {}", aws.region());
    let advice = "use a bucket of that region: data between regions takes longer, and costs";
    Ok(CheckRecord::warning(check, found, advice))
}

/// Why a place cannot be listed.
fn unlisted(check: &'static str, error: &Error) -> CheckRecord {
    let make = "make the bucket: aws s3 mb, in the region of the job flows";
    CheckRecord::error(check, State::Failure, error, if is_missing(error) { make } else { advice(error) })
}

fn is_missing(error: &Error) -> bool {
    error.code() == Some("NoSuchBucket")
}

fn is_out_of_reach(error: &Error) -> bool {
    error.call().is_some_and(|call| matches!(call.kind, CallErrorKind::NotSent | CallErrorKind::NoCredentials))
}

/// Whether objects can be written, read and removed, and whether locks are safe.
fn written(probed: Result<Probed>) -> Vec<CheckRecord> {
    const CHECK: &str = "scratch write";
    const LOCKS: &str = "conditional writes";
    let Probed { findings, left } = match probed {
        Ok(probed) => probed,
        // What may pass proves nothing of the store.
        Err(error) if error.may_pass() => {
            let error = error.on("whether locks are safe is not known");
            return vec![CheckRecord::error(LOCKS, State::Warning, &error, "run emr-doctor again")];
        }
        // Without a failed call it is the store that is unfit.
        Err(error) if error.call().is_none() => {
            return vec![CheckRecord::error(LOCKS, State::Failure, &error, HONEST)];
        }
        Err(error) => return vec![CheckRecord::error(CHECK, State::Failure, &error, advice(&error))],
    };
    let mut records = vec![CheckRecord::ok(CHECK, "objects can be written and read")];
    records.push(honoured(LOCKS, &findings));
    records.extend(left.iter().map(stays));
    records
}

/// What to do about a store on which locks are not safe.
const HONEST: &str = "use Amazon S3, or a store that honours If-None-Match and If-Match: no pool is safe without";

fn honoured(check: &'static str, findings: &[ProbeRecord]) -> CheckRecord {
    let broken: Vec<_> = findings.iter().filter(|finding| !finding.honoured).collect();
    if broken.is_empty() {
        return CheckRecord::ok(
            check,
            format!("{} of {} are honoured: locks are safe", findings.len(), findings.len()),
        );
    }
    let said: Vec<_> = broken
        .iter()
        .map(|ProbeRecord { check, wanted, found, .. }| format!("{check}: {found}, not {wanted}"))
        .collect();
    CheckRecord::failure(check, said.join("; "), HONEST)
}

/// Only tests of a store delete what they wrote, so that no other tool suffers from it.
fn stays(error: &Error) -> CheckRecord {
    let advice = "remove the object; only tests such as this one need s3:DeleteObject";
    CheckRecord::error("scratch clean-up", State::Warning, error, advice)
}

/// How what is written is encrypted. That the key can be used shows where the scratch URI is written to.
pub(crate) fn encryption(config: &Config) -> CheckRecord {
    const CHECK: &str = "encryption";
    const KNOWN: [&str; 3] = ["AES256", "aws:kms", "aws:kms:dsse"];
    let said = || Encryption::new(value(config.get(&S3_SSE)?), value(config.get(&S3_SSE_KMS_KEY_ID)?));
    match said() {
        Ok(encryption) if encryption.algorithm().is_some_and(|algorithm| !KNOWN.contains(&algorithm)) => {
            let found = format!("{} is no algorithm that is known", encryption.algorithm().unwrap_or_default());
            CheckRecord::warning(CHECK, found, format!("set s3_sse to one of {}, if S3 refuses it", KNOWN.join(", ")))
        }
        Ok(encryption) => CheckRecord::ok(
            CHECK,
            match (encryption.algorithm(), encryption.kms_key_id()) {
                (None, _) => "what the bucket has".to_owned(),
                (Some(algorithm), None) => algorithm.to_owned(),
                (Some(algorithm), Some(key)) => format!("{algorithm} with the key {key}"),
            },
        ),
        Err(error) => CheckRecord::error(CHECK, State::Failure, &error, "see s3_sse in mrjob.conf(5)"),
    }
}
