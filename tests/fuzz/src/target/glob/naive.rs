//! Hadoop's globs by the book, and slowly: parsed to a tree, written out, and matched part by part by trying everything.

use std::ops::RangeInclusive;
use std::str::Chars;

/// The longest glob, and the longest path, in bytes.
const LONGEST: usize = 32;

/// The most stars: each tries all places.
const STARS: usize = 4;

/// What a glob says of a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Whether it matches the path, or a directory that the path is in.
    pub(super) covers: bool,
    /// Whether it does, or can match something below the path.
    pub(super) meets: bool,
}

/// Why a glob says nothing.
pub(super) enum Unlike {
    /// Hadoop refuses it.
    Malformed,
    /// It is too large for this, or has braces or commas in a class, where Hadoop itself has no rule.
    Unspecified,
}

/// A node of a glob.
#[derive(Clone)]
enum Node {
    Slash,
    /// `*`
    Star,
    /// One character: of these ranges, or of none of them.
    One(bool, Vec<RangeInclusive<char>>),
    /// Braces.
    Group(Vec<Vec<Node>>),
}

/// What `glob` says of `path`.
pub(super) fn found(glob: &str, path: &str) -> Result<Found, Unlike> {
    if glob.len().max(path.len()) > LONGEST || glob.matches('*').count() > STARS {
        return Err(Unlike::Unspecified);
    }
    let (nodes, _) = sequence(&mut glob.chars(), false)?;
    let path: Vec<Vec<char>> = path.split('/').map(|part| part.chars().collect()).collect();
    let is_root = |parts: &Vec<Vec<Node>>| parts.len() == 1 && parts[0].is_empty();
    let (mut covers, mut is_above) = (false, path.len() == 1 && path[0].is_empty());
    for alternative in expanded(&nodes) {
        let parts = parts(&alternative);
        let agree = parts.iter().zip(&path).all(|(part, text)| matches(part, text, &<[char]>::is_empty));
        covers |= is_root(&parts) || agree && parts.len() <= path.len();
        is_above |= agree && parts.len() > path.len();
    }
    Ok(Found { covers, meets: covers || is_above })
}

/// Nodes up to the end, or up to what ends an alternative in a group, which is returned, too.
fn sequence(chars: &mut Chars<'_>, is_in_group: bool) -> Result<(Vec<Node>, Option<char>), Unlike> {
    let mut nodes = Vec::new();
    loop {
        let node = match chars.next() {
            None if is_in_group => return Err(Unlike::Malformed),
            None => return Ok((nodes, None)),
            end @ Some(',' | '}') if is_in_group => return Ok((nodes, end)),
            Some('{') => group(chars)?,
            Some('[') => class(chars)?,
            Some('*') => Node::Star,
            Some('?') => Node::One(false, Vec::new()),
            Some('/') => Node::Slash,
            Some('\\') => literal(escaped(chars)?),
            Some(char) => literal(char),
        };
        nodes.push(node);
    }
}

fn literal(char: char) -> Node {
    Node::One(true, vec![char..=char])
}

fn group(chars: &mut Chars<'_>) -> Result<Node, Unlike> {
    let mut alternatives = Vec::new();
    loop {
        let (one, end) = sequence(chars, true)?;
        alternatives.push(one);
        if end == Some('}') {
            return Ok(Node::Group(alternatives));
        }
    }
}

fn class(chars: &mut Chars<'_>) -> Result<Node, Unlike> {
    let is_of_them = !chars.as_str().starts_with(['^', '!']);
    if !is_of_them {
        chars.next();
    }
    let mut ranges = Vec::new();
    while ranges.is_empty() || !chars.as_str().starts_with(']') {
        let first = member(chars)?;
        let is_range = chars.as_str().strip_prefix('-').is_some_and(|rest| !rest.is_empty() && !rest.starts_with(']'));
        let last = if is_range { after_dash(chars)? } else { first };
        if last < first {
            return Err(Unlike::Malformed);
        }
        ranges.push(first..=last);
    }
    chars.next();
    Ok(Node::One(is_of_them, ranges))
}

fn member(chars: &mut Chars<'_>) -> Result<char, Unlike> {
    match chars.next() {
        None | Some('[' | '/') => Err(Unlike::Malformed),
        Some('{' | '}' | ',') => Err(Unlike::Unspecified),
        Some('\\') => escaped(chars),
        Some(char) => Ok(char),
    }
}

fn after_dash(chars: &mut Chars<'_>) -> Result<char, Unlike> {
    chars.next();
    member(chars)
}

fn escaped(chars: &mut Chars<'_>) -> Result<char, Unlike> {
    chars.next().filter(|char| *char != '/').ok_or(Unlike::Malformed)
}

/// Each alternative of the groups that have a slash.
fn expanded(nodes: &[Node]) -> Vec<Vec<Node>> {
    for (at, node) in nodes.iter().enumerate() {
        if let Node::Group(alternatives) = node
            && has_slash(node)
        {
            let with = |one: &Vec<Node>| expanded(&[&nodes[..at], one, &nodes[at + 1..]].concat());
            return alternatives.iter().flat_map(with).collect();
        }
    }
    vec![nodes.to_vec()]
}

fn has_slash(node: &Node) -> bool {
    match node {
        Node::Slash => true,
        Node::Group(alternatives) => alternatives.iter().flatten().any(has_slash),
        Node::Star | Node::One(..) => false,
    }
}

/// The parts between slashes. Only the first may be empty.
fn parts(nodes: &[Node]) -> Vec<Vec<Node>> {
    let parts = nodes.split(|node| matches!(node, Node::Slash)).enumerate();
    parts.filter(|(number, part)| *number == 0 || !part.is_empty()).map(|(_, part)| part.to_vec()).collect()
}

/// Whether `nodes` match a beginning of `text`, and `then` holds of the rest.
fn matches(nodes: &[Node], text: &[char], then: &dyn Fn(&[char]) -> bool) -> bool {
    let Some((node, after)) = nodes.split_first() else { return then(text) };
    let go_on = |rest: &[char]| matches(after, rest, then);
    match node {
        Node::Slash => false,
        Node::Star => (0..=text.len()).any(|skipped| go_on(&text[skipped..])),
        Node::Group(alternatives) => alternatives.iter().any(|one| matches(one, text, &go_on)),
        Node::One(is_of_them, ranges) => {
            let has = |char: &char| ranges.iter().any(|range| range.contains(char)) == *is_of_them;
            text.split_first().is_some_and(|(first, rest)| has(first) && go_on(rest))
        }
    }
}
