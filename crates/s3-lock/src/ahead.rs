//! Reads a history ahead, on a thread of its own: to parse lines takes longer than to judge them.

use std::panic;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use emr_core::error::{Error, Outcome, Result};
use emr_core::history::{Batch, Item};

use crate::lines::{BATCH, Lines, Read};

/// How many batches are read ahead at most.
const AHEAD: usize = 4;

/// A history that is read ahead.
pub(crate) struct Ahead {
    pub(crate) name: String,
    batch: Batch,
    batches: Receiver<Result<Batch>>,
    /// The reader, until it has ended.
    reader: Option<JoinHandle<()>>,
}

impl Ahead {
    pub(crate) fn start(lines: Lines) -> Result<Self> {
        let name = lines.name.clone();
        let (sender, batches) = sync_channel(AHEAD);
        let reader = thread::Builder::new().spawn(move || read(lines, &sender));
        let reader =
            reader.map_err(|cause| Error::new(Outcome::TryAgain, format!("cannot start a thread: {cause}")))?;
        Ok(Self { name, batch: Batch::default(), batches, reader: Some(reader) })
    }

    /// The next line. `None` at the end.
    pub(crate) fn take(&mut self) -> Result<Option<Item<'_>>> {
        while self.batch.is_used_up() {
            match self.batches.recv() {
                Ok(batch) => self.batch = batch?,
                Err(_) => return self.end(),
            }
        }
        Ok(self.batch.take())
    }

    /// Ends as the reader has ended, which panicked if there is an error in the program.
    fn end(&mut self) -> Result<Option<Item<'_>>> {
        match self.reader.take().map(JoinHandle::join) {
            Some(Err(panic)) => panic::resume_unwind(panic),
            _ => Ok(None),
        }
    }
}

/// Sends all lines, and the error that is met, until nobody takes them any more.
fn read(mut lines: Lines, sender: &SyncSender<Result<Batch>>) {
    loop {
        let mut batch = Batch::with_capacity(BATCH);
        let read = lines.fill(&mut batch);
        let is_taken = sender.send(Ok(batch)).is_ok();
        match read {
            Ok(Read::More) if is_taken => {}
            Ok(_) => return,
            Err(error) => return drop(sender.send(Err(error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor, Read as _};

    use super::*;
    use crate::lines::Source;

    /// So many records of a history, each with an empty line behind it.
    fn records(count: usize) -> String {
        let record = |number| {
            let keys = r#""process":"p","lock_uri":"s3://b/l","request":"read""#;
            format!("{{\"time\":\"2026-11-22T06:00:00Z\",\"call\":{number},{keys}}}\n\n")
        };
        (0..count).map(record).collect()
    }

    /// What `source` is read as, and the error that ends it.
    fn ahead(source: impl io::Read + Send + 'static) -> (Vec<String>, Option<String>) {
        let (mut ahead, mut items) = (Ahead::start(history(Box::new(source))).unwrap(), Vec::new());
        loop {
            match ahead.take() {
                Ok(Some(item)) => items.push(format!("{item:?}")),
                Ok(None) => return (items, None),
                Err(error) => return (items, Some(error.to_string())),
            }
        }
    }

    fn history(source: Source) -> Lines {
        Lines::of(source, "a".to_owned(), 0)
    }

    /// Fails, or panics, once it is read.
    struct Broken {
        panics: bool,
    }

    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            assert!(!self.panics, "a panic while reading");
            Err(io::Error::other("broken"))
        }
    }

    #[test]
    fn what_is_read_ahead_is_what_is_read_at_once() {
        let text = records(3 * BATCH + 7) + "{\"time\":";
        let (mut lines, mut batch) = (history(Box::new(Cursor::new(text.clone()))), Batch::default());
        let mut items = Vec::new();
        while lines.fill(&mut batch).unwrap() == Read::More {
            while let Some(item) = batch.take() {
                items.push(format!("{item:?}"));
            }
            batch = Batch::default();
        }
        while let Some(item) = batch.take() {
            items.push(format!("{item:?}"));
        }
        assert_eq!(items.len(), 3 * BATCH + 8);
        assert_eq!(ahead(Cursor::new(text)), (items, None));
    }

    #[test]
    fn an_error_comes_after_all_lines_before_it() {
        let text = records(BATCH + 7);
        let (items, error) = ahead(Cursor::new(text.clone() + "no record\n"));
        let expected = format!("a:{}: the line is no record", 2 * (BATCH + 7) + 1);
        assert_eq!((items.len(), error.unwrap().contains(&expected)), (BATCH + 7, true));
        let (items, error) = ahead(Cursor::new(text).chain(Broken { panics: false }));
        assert_eq!((items.len(), error.unwrap().contains("broken")), (BATCH + 7, true));
    }

    #[test]
    #[should_panic = "a panic while reading"]
    fn a_panic_of_the_reader_is_one_of_who_takes_the_lines() {
        ahead(Broken { panics: true });
    }
}
