//! Reports that span lines: Python tracebacks and exception groups, Java stack traces, and `HotSpot`'s fatal errors.

mod group;
mod hot_spot;
mod opening;
mod stack;
mod traceback;

pub(super) use hot_spot::is_last_word;
pub(super) use opening::Opening;
pub(super) use stack::{Stack, is_frame};

use group::Group;
use hot_spot::HotSpot;
use traceback::Traceback;

use super::excerpt::Excerpt;
use super::line::Line;
use super::reason::Reason;

/// A block while its lines are read.
#[derive(Debug)]
pub(super) enum Block {
    Traceback(Traceback),
    Group(Group),
    Stack(Stack),
    HotSpot(HotSpot),
}

impl Block {
    /// The block of Python or `HotSpot` that begins with `line`.
    pub(super) fn beginning(line: &Line) -> Option<Self> {
        let group = || Group::beginning(line).map(Self::Group);
        let traceback = || Traceback::beginning(line).map(Self::Traceback);
        let hot_spot = || HotSpot::beginning(line).map(Self::HotSpot);
        group().or_else(traceback).or_else(hot_spot)
    }

    /// Takes `line` if it belongs to the block.
    pub(super) fn takes(&mut self, line: &Line) -> bool {
        match self {
            Self::Traceback(traceback) => traceback.takes(line),
            Self::Group(group) => group.takes(line),
            Self::Stack(stack) => stack.takes(line),
            Self::HotSpot(hot_spot) => hot_spot.takes(line),
        }
    }

    /// The reason in the block, and its lines.
    pub(super) fn end(self) -> (Option<Reason>, Excerpt) {
        match self {
            Self::Traceback(traceback) => traceback.end(),
            Self::Group(group) => group.end(),
            Self::Stack(stack) => stack.end(),
            Self::HotSpot(hot_spot) => hot_spot.end(),
        }
    }

    /// Whether Python wrote it.
    pub(super) fn is_of_python(&self) -> bool {
        matches!(self, Self::Traceback(_) | Self::Group(_))
    }

    /// Whether it only says that Java failed. Java's own stack trace follows.
    pub(super) fn leads_to_java(&self) -> bool {
        matches!(self, Self::Traceback(traceback) if traceback.leads_to_java())
    }
}
