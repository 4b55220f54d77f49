//! What ssh prints before and after the mark of a command. The first byte is the size of the pieces.

use emr_ssh::reach::Mark;

use crate::input::{choice, pieces};

/// Runs the target.
pub fn run(input: &[u8]) {
    let (size, bytes) = choice(input);
    let mark = Mark::new("x");
    for mut after in [mark.on_stdout(), mark.on_stderr()] {
        let whole = after.read(bytes).to_vec();
        assert!(bytes.ends_with(&whole));
        assert!(after.began() || whole.is_empty());
        assert!(after.before().len() <= 1 << 14);
    }
    let (mut stdout, mut of_pieces) = (mark.on_stdout(), Vec::new());
    for piece in pieces(bytes, size) {
        of_pieces.extend_from_slice(stdout.read(piece));
    }
    let mut whole = mark.on_stdout();
    assert_eq!(of_pieces, whole.read(bytes), "pieces do not matter");
    assert_eq!(stdout.began(), contains(bytes, b"emr-tools-x-out\n"));
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}
