//! Converts records for the pipes of a command: records to its input, its output to records. Source: the writers and
//! readers of `org.apache.hadoop.streaming.io`.

use std::io::{self, Write};

use memchr::memmem;

use super::keys::KeyClass;

/// The format of records in a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A line with key, separator and value.
    Text,
    /// A line with only the key.
    KeyOnly,
}

impl Form {
    /// The format that `-io` names. Unknown names mean text, as in Hadoop. Fails for one that the sandbox lacks.
    pub(super) fn of_name(name: &str) -> Result<Self, String> {
        match name.to_ascii_lowercase().as_str() {
            "keyonlytext" => Ok(Self::KeyOnly),
            "rawbytes" | "typedbytes" => Err(format!("the sandbox has no -io {name}")),
            _ => Ok(Self::Text),
        }
    }
}

/// Writes records to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InputWriter {
    pub(super) form: Form,
    pub(super) separator: Vec<u8>,
    /// Whether a line is only the value.
    pub(super) leaves_out_key: bool,
    pub(super) key_class: KeyClass,
}

impl InputWriter {
    /// Writes a record. A missing value is written as Java writes null.
    pub(super) fn write(&self, output: &mut impl Write, key: &[u8], value: Option<&[u8]>) -> io::Result<()> {
        if self.form == Form::KeyOnly {
            output.write_all(&self.key_class.text(key))?;
            return output.write_all(b"\n");
        }
        if !self.leaves_out_key {
            output.write_all(&self.key_class.text(key))?;
            output.write_all(&self.separator)?;
        }
        output.write_all(value.unwrap_or(b"(null)"))?;
        output.write_all(b"\n")
    }
}

/// Reads the records that a command writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OutputReader {
    pub(super) form: Form,
    pub(super) separator: Vec<u8>,
    /// The number of fields in a line that are its key.
    pub(super) key_fields: i64,
}

impl OutputReader {
    /// The key and the value of a line. A line with too few separators is a key with an empty value.
    pub(super) fn split<'a>(&self, line: &'a [u8]) -> (&'a [u8], Option<&'a [u8]>) {
        if self.form == Form::KeyOnly {
            return (line, None);
        }
        let mut start = 0;
        for field in 1.. {
            let Some(length) = find(&line[start..], &self.separator) else {
                break;
            };
            let end = start + length;
            if field >= self.key_fields {
                return (&line[..end], Some(&line[end + self.separator.len()..]));
            }
            start = end + self.separator.len();
        }
        (line, Some(b""))
    }
}

fn find(text: &[u8], separator: &[u8]) -> Option<usize> {
    match separator {
        [byte] => memchr::memchr(*byte, text),
        _ => memmem::find(text, separator),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split<'a>(line: &'a str, separator: &str, key_fields: i64) -> (&'a str, &'a str) {
        let reader = OutputReader { form: Form::Text, separator: separator.into(), key_fields };
        let (key, value) = reader.split(line.as_bytes());
        let text = |bytes: &'a [u8]| std::str::from_utf8(bytes).unwrap();
        (text(key), text(value.unwrap()))
    }

    #[test]
    fn a_key_ends_after_its_number_of_fields() {
        assert_eq!(split("a\tb\tc", "\t", 1), ("a", "b\tc"));
        assert_eq!(split("a.b.c.d", ".", 2), ("a.b", "c.d"));
        assert_eq!(split("a.b", ".", 2), ("a.b", ""));
        assert_eq!(split("a::b:c", "::", 1), ("a", "b:c"));
        assert_eq!(split("\tb", "\t", 0), ("", "b"));
    }

    #[test]
    fn a_command_reads_lines() {
        let write = |form, leaves_out_key, value: Option<&[u8]>| {
            let separator = b":".to_vec();
            let writer = InputWriter { form, separator, leaves_out_key, key_class: KeyClass::Long };
            let mut line = Vec::new();
            writer.write(&mut line, &7_u64.to_be_bytes(), value).unwrap();
            String::from_utf8(line).unwrap()
        };
        assert_eq!(write(Form::Text, false, Some(b"x")), "7:x\n");
        assert_eq!(write(Form::Text, true, Some(b"x")), "x\n");
        assert_eq!(write(Form::Text, false, None), "7:(null)\n");
        assert_eq!(write(Form::KeyOnly, false, Some(b"x")), "7\n");
    }
}
