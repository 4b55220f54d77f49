//! The parts of a job's output. Source: `TextOutputFormat`, `LazyOutputFormat`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::compress::{Codec, Packer};
use super::keys::KeyClass;

/// The format of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OutputFormat {
    pub(super) separator: Vec<u8>,
    pub(super) codec: Option<Codec>,
    /// Whether a part without records is omitted.
    pub(super) is_lazy: bool,
    /// Whether there is no output at all.
    pub(super) is_null: bool,
}

/// A part being written.
pub(super) struct Part<'a> {
    format: &'a OutputFormat,
    key_class: KeyClass,
    path: PathBuf,
    file: Option<Packer<BufWriter<File>>>,
}

impl<'a> Part<'a> {
    /// Starts the part `number` in the directory `parts`.
    pub(super) fn create(
        format: &'a OutputFormat,
        key_class: KeyClass,
        parts: &Path,
        number: usize,
    ) -> io::Result<Self> {
        let ending = format.codec.map_or("", Codec::ending);
        let path = parts.join(format!("part-{number:05}{ending}"));
        let mut part = Self { format, key_class, path, file: None };
        if !format.is_lazy && !format.is_null {
            part.open()?;
        }
        Ok(part)
    }

    fn open(&mut self) -> io::Result<&mut Packer<BufWriter<File>>> {
        let file = match self.file.take() {
            Some(file) => file,
            None => Packer::new(self.format.codec, BufWriter::new(File::create(&self.path)?)),
        };
        Ok(self.file.insert(file))
    }

    /// Adds a record. Without a value it is only a key.
    pub(super) fn write(&mut self, key: &[u8], value: Option<&[u8]>) -> io::Result<()> {
        if self.format.is_null {
            return Ok(());
        }
        let (format, key_class) = (self.format, self.key_class);
        let file = self.open()?;
        file.write_all(&key_class.text(key))?;
        if let Some(value) = value {
            file.write_all(&format.separator)?;
            file.write_all(value)?;
        }
        file.write_all(b"\n")
    }

    /// Ends the part.
    pub(super) fn finish(self) -> io::Result<()> {
        self.file.map_or(Ok(()), Packer::finish)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const TEXT: OutputFormat = OutputFormat { separator: vec![], codec: None, is_lazy: false, is_null: false };

    fn written(format: &OutputFormat, records: &[(&str, Option<&str>)]) -> Vec<(String, String)> {
        let dir = tempfile::tempdir().unwrap();
        let mut part = Part::create(format, KeyClass::Text, dir.path(), 3).unwrap();
        for (key, value) in records {
            part.write(key.as_bytes(), value.map(str::as_bytes)).unwrap();
        }
        part.finish().unwrap();
        let entries = fs::read_dir(dir.path()).unwrap().map(Result::unwrap);
        let pair = |entry: fs::DirEntry| {
            let text = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
            (entry.file_name().into_string().unwrap(), text)
        };
        entries.map(pair).collect()
    }

    #[test]
    fn a_record_is_a_line() {
        let format = OutputFormat { separator: b", ".to_vec(), ..TEXT };
        let parts = written(&format, &[("a", Some("1")), ("b", None), ("c", Some(""))]);
        assert_eq!(parts, [("part-00003".to_owned(), "a, 1\nb\nc, \n".to_owned())]);
    }

    #[test]
    fn a_lazy_part_is_written_with_its_first_record() {
        assert_eq!(written(&TEXT, &[]).len(), 1);
        let lazy = OutputFormat { is_lazy: true, ..TEXT };
        assert!(written(&lazy, &[]).is_empty());
        assert_eq!(written(&lazy, &[("a", None)]).len(), 1);
        assert!(written(&OutputFormat { is_null: true, ..TEXT }, &[("a", None)]).is_empty());
        assert_eq!(written(&OutputFormat { codec: Some(Codec::Gzip), ..TEXT }, &[])[0].0, "part-00003.gz");
    }
}
