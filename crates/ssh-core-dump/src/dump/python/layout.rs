//! The offsets that a traceback needs in the structures of each version of `CPython`, in bytes, on 64-bit Linux.
//!
//! They come from `offsetof` with the headers of each version.

/// The layout of one version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// From `_PyRuntime` to the first interpreter; `None` for versions with `_PyThreadState_Current`.
    pub(super) first_interpreter: Option<u64>,
    /// From an interpreter to its first thread.
    pub(super) first_thread: u64,
    pub(super) thread: Thread,
    pub(super) frame: Frame,
    pub(super) code: Code,
    /// From a `str` to its characters: if all are ASCII, and if not. `None` for Python 2, whose `str` holds bytes.
    pub(super) text: Option<(u64, u64)>,
    pub(super) lines: Lines,
}

/// Offsets in a thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thread {
    pub(super) next: u64,
    pub(super) interpreter: u64,
    /// The id from `pthread_self`.
    pub(super) id: u64,
    /// The id in the kernel, from 3.11 on.
    pub(super) native_id: Option<u64>,
    /// The innermost frame.
    pub(super) frame: u64,
    /// A further offset from there, if the frame is one pointer further away.
    pub(super) step: Option<u64>,
}

/// Offsets in a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) back: u64,
    pub(super) code: u64,
    pub(super) position: Position,
    /// The owner: a frame owned by the C stack has no Python code.
    pub(super) owner: Option<u64>,
}

/// How a frame stores its current instruction.
#[derive(Debug, Clone, Copy)]
pub(super) enum Position {
    /// As an index, with the size of its unit in bytes.
    Index(u64, i64),
    /// As an address. The instructions follow the code object at this offset.
    Address(u64, u64),
}

/// Offsets in a code object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Code {
    pub(super) file: u64,
    pub(super) name: u64,
    pub(super) first_line: u64,
    pub(super) lines: u64,
}

/// The form of a code object's line table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// `co_lnotab` before 3.6, where lines only grow.
    Growing,
    /// `co_lnotab`, from 3.6 on.
    Signed,
    /// `co_linetable` of 3.10 (PEP 626).
    Ranges,
    /// `co_linetable` from 3.11 on (PEP 657).
    Locations,
}

/// The layout of a version.
pub(super) fn layout(major: u32, minor: u32) -> Option<Layout> {
    Some(match (major, minor) {
        (2, 6 | 7) => OLDEST,
        (3, 6) => Layout { lines: Lines::Signed, ..V3_6 },
        (3, 7) => Layout { first_interpreter: Some(24), thread: thread(176), frame: frame(104, 1), ..V3_6 },
        (3, 8 | 9) => V3_8,
        (3, 10) => Layout { frame: frame(96, 2), lines: Lines::Ranges, ..V3_8 },
        (3, 11) => V3_11,
        (3, 12) => V3_12,
        (3, 13) => V3_13,
        _ => return None,
    })
}

const fn thread(id: u64) -> Thread {
    Thread { next: 8, interpreter: 16, id, native_id: None, frame: 24, step: None }
}

const fn frame(index: u64, unit: i64) -> Frame {
    Frame { back: 24, code: 32, position: Position::Index(index, unit), owner: None }
}

const OLDEST: Layout = Layout {
    first_interpreter: None,
    first_thread: 8,
    thread: Thread { next: 0, interpreter: 8, id: 144, native_id: None, frame: 16, step: None },
    frame: frame(120, 1),
    code: Code { file: 80, name: 88, first_line: 96, lines: 104 },
    text: None,
    lines: Lines::Growing,
};

const V3_6: Layout = Layout {
    first_interpreter: None,
    first_thread: 8,
    thread: thread(152),
    frame: frame(120, 1),
    code: Code { file: 96, name: 104, first_line: 36, lines: 112 },
    text: Some((48, 72)),
    lines: Lines::Signed,
};

const V3_8: Layout = Layout {
    first_interpreter: Some(32),
    thread: thread(176),
    frame: frame(104, 1),
    code: Code { file: 104, name: 112, first_line: 40, lines: 120 },
    ..V3_6
};

const V3_11: Layout = Layout {
    first_interpreter: Some(40),
    first_thread: 16,
    thread: Thread { next: 8, interpreter: 16, id: 152, native_id: Some(160), frame: 56, step: Some(8) },
    frame: Frame { back: 48, code: 32, position: Position::Address(56, 184), owner: Some(69) },
    code: Code { file: 112, name: 128, first_line: 72, lines: 136 },
    text: Some((48, 72)),
    lines: Lines::Locations,
};

const V3_12: Layout = Layout {
    first_thread: 72,
    thread: Thread { next: 8, interpreter: 16, id: 136, native_id: Some(144), frame: 56, step: Some(0) },
    frame: Frame { back: 8, code: 0, position: Position::Address(56, 192), owner: Some(70) },
    code: Code { first_line: 68, ..V3_11.code },
    text: Some((40, 56)),
    ..V3_11
};

const V3_13: Layout = Layout {
    first_interpreter: Some(632),
    first_thread: 7344,
    thread: Thread { next: 8, interpreter: 16, id: 152, native_id: Some(160), frame: 72, step: None },
    frame: Frame { position: Position::Address(56, 200), ..V3_12.frame },
    ..V3_12
};
