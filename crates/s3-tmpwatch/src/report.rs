//! What is printed: records, or a table of sums, and at the end what it comes to.

use std::collections::BTreeMap;

use emr_cli::{Failures, Output, Printer};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::s3_uri::S3Uri;
use emr_core::model::size;
use emr_core::scratch::{Kind, Verdict};

use crate::page::{Deleted, Swept};
use crate::record::{ScratchRecord, SumRecord};

/// What a run has done so far. Its size does not depend on how many files there are.
pub(crate) struct Report {
    dry_run: bool,
    form: Form,
    files: u64,
    bytes: u64,
    kept: BTreeMap<Verdict, u64>,
    other: Option<String>,
    failures: Failures,
    /// How many of the failed ones may be deleted.
    unclear: u64,
    /// Why stdout takes no more records.
    unprinted: Option<Error>,
}

enum Form {
    Records(Printer<ScratchRecord>),
    Sums(Printer<SumRecord>, BTreeMap<Kind, SumRecord>),
}

impl Report {
    pub(crate) fn new(output: &Output, dry_run: bool) -> Self {
        let form = if output.is_table() {
            Form::Sums(output.printer(), BTreeMap::new())
        } else {
            Form::Records(output.printer())
        };
        let (kept, failures) = (BTreeMap::new(), Failures::first_few());
        let (other, unprinted) = (None, None);
        Self { dry_run, form, files: 0, bytes: 0, kept, other, failures, unclear: 0, unprinted }
    }

    /// Adds what was done to a page of the list of `folder`. Returns whether to go on: not if it could not be printed, and
    /// then what is done from now on is only counted, and not if it would be of no use.
    pub(crate) fn add(&mut self, folder: &S3Uri, swept: Swept) -> bool {
        let uri = |key: String| S3Uri { bucket: folder.bucket.clone(), key }.to_string();
        for (verdict, count) in swept.kept {
            *self.kept.entry(verdict).or_default() += count;
        }
        if let Some(key) = swept.other {
            self.other.get_or_insert_with(|| uri(key));
        }
        self.unclear += swept.unclear;
        for error in swept.failed {
            self.failures.add(&error);
        }
        for deleted in swept.deleted {
            self.files += 1;
            self.bytes += deleted.bytes;
            if self.unprinted.is_none() {
                self.unprinted = self.print(deleted, uri).err();
            }
        }
        self.unprinted.is_none() && !self.is_unread()
    }

    /// Whether nobody reads the records of a dry run any more, as behind `| head`. A sweep itself goes on then.
    fn is_unread(&self) -> bool {
        self.dry_run && matches!(&self.form, Form::Records(printer) if printer.is_closed())
    }

    /// Notes a failure.
    pub(crate) fn fail(&mut self, error: &Error) {
        self.failures.add(error);
    }

    fn print(&mut self, deleted: Deleted, uri: impl Fn(String) -> String) -> Result<()> {
        let Deleted { key, kind, bytes, age_s } = deleted;
        match &mut self.form {
            Form::Records(printer) => {
                printer.print(&ScratchRecord { uri: uri(key), kind, bytes, age_s, dry_run: self.dry_run })
            }
            Form::Sums(_, sums) => {
                let sum = sums.entry(kind).or_insert(SumRecord { kind, files: 0, bytes: 0, oldest_s: 0 });
                sum.files += 1;
                sum.bytes += bytes;
                sum.oldest_s = sum.oldest_s.max(age_s);
                Ok(())
            }
        }
    }

    /// Prints the table, if that is the form, and says what it comes to, also where nothing could be printed.
    pub(crate) fn finish(&mut self) -> Result<Outcome> {
        let printed = self.end();
        self.failures.rest(str::to_owned);
        match self.unprinted.take().map_or(printed, Err) {
            Ok(()) => {
                emr_cli::say(&self.summary());
                Ok(self.failures.outcome())
            }
            Err(error) => {
                // Without records this is all that tells of it, so it is said with -q, too.
                emr_cli::complain(&self.summary());
                Err(error)
            }
        }
    }

    fn end(&mut self) -> Result<()> {
        match &mut self.form {
            Form::Records(printer) => printer.finish(),
            Form::Sums(printer, sums) => {
                for sum in sums.values() {
                    printer.print(sum)?;
                }
                printer.finish()
            }
        }
    }

    fn summary(&self) -> String {
        let did = if self.is_unread() {
            "would delete at least"
        } else if self.dry_run {
            "would delete"
        } else {
            "deleted"
        };
        let files = if self.files == 1 { "1 file".to_owned() } else { format!("{} files", self.files) };
        let mut summary = format!("{did} {files} ({})", size::words(self.bytes));
        if self.unclear > 0 {
            let unclear = format!("; {} more may be deleted: S3 did not answer", self.unclear);
            summary.push_str(&unclear);
        }
        let count = |verdict| self.kept.get(&verdict).copied().unwrap_or_default();
        let reasons = [
            (Verdict::Young, "too young"),
            (Verdict::InUse, "as old as a live job flow or step that may use them"),
            (Verdict::Unknown, "because it is not known which job flows and steps live"),
            (Verdict::Lock, if count(Verdict::Lock) == 1 { "lock" } else { "locks" }),
        ];
        let told = reasons.iter().filter(|(verdict, _)| count(*verdict) > 0);
        let mut kept: Vec<_> = told.map(|(verdict, why)| format!("{} {why}", count(*verdict))).collect();
        if let Some(other) = &self.other {
            let others = count(Verdict::Other);
            kept.push(format!("{others} that the tools did not write, such as {other} (--all-kinds deletes them)"));
        }
        if !kept.is_empty() {
            summary.push_str("; kept ");
            summary.push_str(&kept.join(", "));
        }
        summary
    }
}
