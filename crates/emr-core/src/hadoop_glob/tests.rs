use proptest::prelude::*;

use super::*;

fn glob(text: &str) -> HadoopGlob {
    HadoopGlob::new(text).unwrap()
}

/// Whether a pattern of it matches all of `path`.
fn matches(text: &str, path: &str) -> bool {
    glob(text).patterns().iter().any(|pattern| pattern.find(path) == Some(path))
}

#[test]
fn a_wildcard_matches_within_one_part_of_a_path() {
    for (text, path) in [
        ("logs/*.gz", "logs/a.gz"),
        ("logs/2026-??", "logs/2026-11"),
        ("a/[x-z]/b", "a/y/b"),
        ("a/[^x]", "a/y"),
        ("a/[!x]", "a/y"),
        ("{in,out}/*", "out/x"),
        ("?", "é"),
        ("a**b", "axxb"),
        (r"a\*[\]x]}", "a*]}"),
        ("a+b(c)|d", "a+b(c)|d"),
        ("in//*/", "in/a"),
        ("{a,{b,c}d}", "cd"),
        ("in/{a/,b/}", "in/b"),
        ("{a/,b}/c", "a/c"),
        ("[!]a]", "x"),
        ("[]a]", "]"),
        ("[!-a]", "7"),
        ("[+--]", ","),
        ("[a-z-]", "-"),
    ] {
        assert!(matches(text, path), "{text} {path}");
    }
}

#[test]
fn a_wildcard_does_not_match_a_slash() {
    for (text, path) in [
        ("logs/*.gz", "logs/a/b.gz"),
        ("logs/**.gz", "logs/a/b.gz"),
        ("a/b", "a"),
        ("a?b", "a/b"),
        ("in", "input"),
        ("[^x]", "/"),
        ("[!]a]", "]"),
        ("[!-a]", "-"),
        ("[a-]", "b"),
    ] {
        assert!(!matches(text, path), "{text} {path}");
    }
}

#[test]
fn a_glob_covers_its_matches_and_what_is_below_them() {
    for (text, path) in [
        ("in/*", "in/a"),
        ("in/*", "in/a/b/c"),
        ("in/2013-??", "in/2013-01/x"),
        ("g/{2013-01,2013-02}/*", "g/2013-02/b"),
        ("{a/b,c}/x*", "a/b/xy"),
        ("{a/b,c}/x*", "c/xy/z"),
        (r"in/a\*b", "in/a*b"),
        ("in/*/", "in/a/x"),
        ("in/{a/,b/}", "in/b/x"),
        ("", "a/b"),
    ] {
        assert!(glob(text).covers(path), "{text} {path}");
    }
    for (text, path) in [
        ("in/*.gz", "in/a.txt"),
        ("in/*/x", "in/a/b/x"),
        ("in/*/x", "in/a"),
        ("g/{2013-01,2013-02}/*", "g/2013-03/b"),
        ("in/[^a]*", "in/a"),
        (r"in/a\*b", "in/axb"),
    ] {
        assert!(!glob(text).covers(path), "{text} {path}");
    }
}

#[test]
fn a_glob_meets_what_it_covers_and_what_its_matches_are_in() {
    for (text, path) in [("in/{a,b}", "in/a"), ("in/*", "in/a/b"), ("*/a/x", "in"), ("a*", ""), ("in/p-*", "in")] {
        assert!(glob(text).meets(path), "{text} {path}");
    }
    for (text, path) in [("in/{a,b}", "in/c"), ("in/*.gz/x", "in/a"), ("in/*", "inn"), ("in/part-*", "i")] {
        assert!(!glob(text).meets(path), "{text} {path}");
    }
}

#[test]
fn braces_with_a_slash_expand_to_several_patterns() {
    for (text, wanted) in [
        ("{in/a,out{1,2}/b}/*", &["in/a/*", "out{1,2}/b/*"][..]),
        ("a/{b,c}/d", &["a/{b,c}/d"]),
        ("{a,b}/{c/d,e}", &["{a,b}/c/d", "{a,b}/e"]),
        ("{a/b,{c/d,e}}", &["a/b", "c/d", "e"]),
        (r"{a\,b/c,d}", &[r"a\,b/c", "d"]),
        (r"\{a/b,c}", &[r"\{a/b,c}"]),
    ] {
        assert_eq!(expand(text).unwrap(), wanted, "{text}");
    }
    let refused = HadoopGlob::new(&"{a/b,c}".repeat(20)).unwrap_err();
    assert!(refused.contains("Too many alternatives"), "{refused}");
}

#[test]
fn a_malformed_pattern_is_refused_with_the_reason() {
    for (text, reason) in [
        ("a{b", "Unclosed group"),
        ("a[b", "Unclosed character class"),
        (r"a\", "Missing escaped character"),
        ("[z-a]", "Illegal file pattern"),
        ("[]", "Unclosed character class"),
        ("[a[b]", "Unclosed character class"),
        ("[a/b]", "Unclosed character class"),
        (r"a\/b", "Missing escaped character"),
    ] {
        let error = HadoopGlob::new(text).unwrap_err();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn the_literal_part_says_where_to_look() {
    let first = |text: &str| HadoopGlob::new(text).unwrap().0.remove(0);
    assert_eq!(first("logs/2026-*/x").literal_prefix(), "logs/2026-");
    assert_eq!(first("/logs/2026-*/x").literal_directory(), "/logs");
    assert_eq!(first("/logs/x").literal_directory(), "/logs/x");
    assert!(is_glob("a*") && !is_glob("a/b c,d"));
}

#[test]
fn commas_separate_paths_except_inside_braces() {
    for (value, wanted) in [
        ("s3://b/{x,y}/*,s3://b/z", &["s3://b/{x,y}/*", "s3://b/z"][..]),
        ("a,{b,{c,d},e},f", &["a", "{b,{c,d},e}", "f"]),
        ("a},b", &["a}", "b"]),
        ("{a,b", &["{a,b"]),
    ] {
        assert_eq!(paths(value).collect::<Vec<_>>(), wanted, "{value}");
    }
}

proptest! {
    #[test]
    fn any_text_compiles_or_is_refused(text in r"[a*?\\\[\]{},/^!é-]{0,40}", path in "[a/é]{0,20}") {
        if let Ok(glob) = HadoopGlob::new(&text) {
            let _ = glob.covers(&path);
        }
    }

    #[test]
    fn an_escaped_path_matches_only_itself(path in "[^/\0]{1,10}(/[^/\0]{1,10}){0,3}") {
        let escaped = path.chars().map(|char| if char == '/' { "/".to_owned() } else { format!("\\{char}") });
        let escaped: String = escaped.collect();
        prop_assert!(matches(&escaped, &path));
        let other = path.clone() + "x";
        prop_assert!(!matches(&escaped, &other));
    }
}
