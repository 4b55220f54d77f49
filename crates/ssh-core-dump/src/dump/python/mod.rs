//! The Python functions that a crashed process of `CPython` was in, found without a debugger and without debug symbols.
//!
//! A symbol that every Python exports leads to the threads of the interpreter. Pointers lead on from there: thread,
//! frames, code objects, names. The memory of a crashed process may be corrupt, so no length is trusted, and a pointer
//! that leads nowhere ends the traceback.

mod layout;
mod lines;

use super::header::Header;
use super::memory::{Gap, Memory, Part, Read};
use super::symbol;
use layout::{Layout, Position, layout};

/// The largest number of functions in a traceback.
const DEEPEST: usize = 200;

/// The largest number of threads that are searched.
const THREADS: usize = 1000;

/// The largest number of characters in a name.
const LONGEST: u64 = 300;

/// The largest size of a line table in bytes.
const TABLE: u64 = 64 << 10;

/// The largest number of parts of files that are read. It limits what a core dump with wrong pointers can make us read.
const PARTS: usize = 1000;

/// The owner of a frame without Python code.
const C_STACK: u8 = 3;

/// The Python functions of the thread that crashed, the innermost first, as `function (file:line)`.
///
/// `read` reads parts of files. `None` if the core dump is not of Python, or its version is unknown.
pub(crate) fn traceback<E>(
    header: &Header,
    mut read: impl FnMut(&Part) -> Result<Vec<u8>, E>,
) -> Result<Option<Vec<String>>, E> {
    let Some(python) = Python::of(header) else { return Ok(None) };
    let mut memory = Memory::new(header);
    for _ in 0..PARTS {
        match python.functions(&memory) {
            Ok(functions) => return Ok(Some(functions).filter(|functions| !functions.is_empty())),
            Err(Gap::Lost) => return Ok(None),
            Err(Gap::Missing(part)) => {
                let bytes = read(&part)?;
                memory.add(part, bytes);
            }
        }
    }
    Ok(None)
}

/// The file that has Python's symbols, and the layout of its version.
struct Python<'a> {
    file: &'a str,
    layout: Layout,
}

impl<'a> Python<'a> {
    fn of(header: &'a Header) -> Option<Self> {
        let executable = header.executable.as_deref();
        let libraries = header.mappings.iter().map(|mapping| mapping.path.as_str());
        let library = libraries.clone().find(|path| name(path).starts_with("libpython"));
        let file = library.or(executable.filter(|path| name(path).starts_with("python")))?;
        // An executable may be called just python; then the folder of its library names the version.
        let (major, minor) = version(name(file)).or_else(|| libraries.clone().find_map(version))?;
        Some(Self { file, layout: layout(major, minor)? })
    }

    fn functions(&self, memory: &Memory<'_>) -> Read<Vec<String>> {
        let thread = self.thread(memory)?;
        let mut frame = memory.long(thread + self.layout.thread.frame)?;
        if let Some(step) = self.layout.thread.step {
            frame = memory.long(checked(frame)? + step)?;
        }
        let mut functions = Vec::new();
        while frame != 0 && functions.len() < DEEPEST {
            match self.function(memory, frame) {
                Ok((function, back)) => {
                    functions.extend(function);
                    frame = back;
                }
                Err(Gap::Lost) => break,
                missing @ Err(Gap::Missing(_)) => return missing.map(|_| functions),
            }
        }
        Ok(functions)
    }

    /// The thread that crashed, or, if it is not found, the one that had the interpreter.
    fn thread(&self, memory: &Memory<'_>) -> Read<u64> {
        let layout = &self.layout;
        let (interpreter, running) = if let Some(offset) = layout.first_interpreter {
            let runtime = symbol::address(memory, self.file, "_PyRuntime")?;
            (memory.long(checked(runtime)? + offset)?, None)
        } else {
            let current = symbol::address(memory, self.file, "_PyThreadState_Current")?;
            let current = checked(memory.long(checked(current)?)?)?;
            (memory.long(current + layout.thread.interpreter)?, Some(current))
        };
        let first = memory.long(checked(interpreter)? + layout.first_thread)?;
        let mut thread = first;
        for _ in 0..THREADS {
            if self.has_crashed(memory, checked(thread)?)? {
                return Ok(thread);
            }
            match memory.long(thread + layout.thread.next)? {
                0 => break,
                next => thread = next,
            }
        }
        checked(running.unwrap_or(first))
    }

    fn has_crashed(&self, memory: &Memory<'_>, thread: u64) -> Read<bool> {
        let crashed = memory.header().crashed;
        if let Some(native_id) = self.layout.thread.native_id {
            return Ok(memory.long(thread + native_id)? == crashed.id);
        }
        Ok(crashed.tls != 0 && memory.long(thread + self.layout.thread.id)? == crashed.tls)
    }

    /// The function of a frame, `None` if the frame has no Python code, and the frame of its caller.
    fn function(&self, memory: &Memory<'_>, frame: u64) -> Read<(Option<String>, u64)> {
        let layout = &self.layout.frame;
        let back = memory.long(checked(frame)? + layout.back)?;
        if let Some(owner) = layout.owner
            && memory.byte(frame + owner)? == C_STACK
        {
            return Ok((None, back));
        }
        let code = checked(memory.long(frame + layout.code)?)?;
        let at = match layout.position {
            Position::Index(index, unit) => i64::from(memory.int(frame + index)?) * unit,
            Position::Address(address, code_at) => {
                memory.long(frame + address)?.wrapping_sub(code + code_at).cast_signed()
            }
        };
        let offsets = &self.layout.code;
        let first_line = memory.int(code + offsets.first_line)?;
        let table = self.bytes(memory, memory.long(code + offsets.lines)?, TABLE)?;
        let line = lines::line(self.layout.lines, &table, at, first_line);
        let function = self.text(memory, memory.long(code + offsets.name)?)?;
        let file = self.text(memory, memory.long(code + offsets.file)?)?;
        Ok((Some(format!("{function} ({}:{line})", short(&file))), back))
    }

    /// The content of a `bytes`, or of a `str` of Python 2.
    fn bytes(&self, memory: &Memory<'_>, object: u64, most: u64) -> Read<Vec<u8>> {
        const SIZE: u64 = 16;
        let data = if self.layout.text.is_some() { 32 } else { 36 };
        let length = memory.long(checked(object)? + SIZE)?.min(most);
        memory.bytes(object + data, usize::try_from(length).map_err(|_| Gap::Lost)?)
    }

    fn text(&self, memory: &Memory<'_>, object: u64) -> Read<String> {
        let Some((ascii, compact)) = self.layout.text else {
            return Ok(String::from_utf8_lossy(&self.bytes(memory, object, LONGEST)?).into_owned());
        };
        let state = memory.byte(checked(object)? + 32)?;
        let width = u64::from(state >> 2 & 7);
        let data = if state >> 6 & 1 == 1 { ascii } else { compact };
        if !matches!(width, 1 | 2 | 4) || state >> 5 & 1 == 0 {
            return Err(Gap::Lost);
        }
        let length = memory.long(object + 16)?.min(LONGEST) * width;
        let bytes = memory.bytes(object + data, usize::try_from(length).map_err(|_| Gap::Lost)?)?;
        let points = bytes.chunks(usize::try_from(width).map_err(|_| Gap::Lost)?).map(|point| {
            let point = point.iter().rev().fold(0, |point, byte| point << 8 | u32::from(*byte));
            char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER)
        });
        Ok(points.collect())
    }
}

/// An address to which an offset can be added without overflow.
fn checked(address: u64) -> Read<u64> {
    if (1..1 << 56).contains(&address) { Ok(address) } else { Err(Gap::Lost) }
}

/// The version in `path`, after the word python.
fn version(path: &str) -> Option<(u32, u32)> {
    path.match_indices("python").find_map(|(at, word)| {
        let (major, rest) = path[at + word.len()..].split_once('.')?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        Some((major.parse().ok()?, rest[..end].parse().ok()?))
    })
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The name of a file, with its folder if the name is one such as `__init__.py`. The full path would make equal
/// backtraces differ, as each task attempt has its own folder.
fn short(path: &str) -> &str {
    let parts = if name(path).starts_with("__") { 2 } else { 1 };
    let start = path.rmatch_indices('/').nth(parts - 1).map_or(0, |(at, _)| at + 1);
    &path[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_in_the_name_of_the_file_or_of_its_folder() {
        assert_eq!(version("/usr/bin/python3.11"), Some((3, 11)));
        assert_eq!(version("/usr/lib64/libpython2.7.so.1.0"), Some((2, 7)));
        assert_eq!(version("/opt/python/lib/python3.9/lib-dynload/_ctypes.so"), Some((3, 9)));
        for none in ["/usr/bin/python", "/usr/bin/python3", "/usr/bin/perl5.36", "python3.x", ""] {
            assert_eq!(version(none), None, "{none}");
        }
    }

    #[test]
    fn the_folder_of_an_attempt_is_left_out() {
        assert_eq!(short("/mnt/job/attempt_1_m_000001_0/work/crash.py"), "crash.py");
        assert_eq!(short("/usr/lib/python3.11/ctypes/__init__.py"), "ctypes/__init__.py");
        assert_eq!([short("crash.py"), short("")], ["crash.py", ""]);
    }

    #[test]
    fn other_programs_have_no_traceback() {
        let header = Header { executable: Some("/usr/bin/java".to_owned()), ..Header::default() };
        assert_eq!(traceback(&header, |_| Err("not to be read")), Ok(None));
    }
}
