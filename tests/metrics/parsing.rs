//! The text, read by the parser of Prometheus' own client for Python, which shares nothing with these tools.

use std::collections::BTreeSet;

use harness::{Ran, client};

use crate::{SHOWN, TOOLS, cluster, loaded, lockable, pooled, samples};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/clients/metrics.py");

#[test]
fn an_independent_parser_reads_the_same_samples_and_names() {
    let mut kept = lockable(cluster("j-KEPT", &pooled("a=22b=7D=5Cc=0Ad=1B=5B2J=2Cé"), "WAITING"));
    kept["Cluster"]["TerminationProtected"] = true.into();
    let twins =
        ["d=1B", "d=5Cu=7B1b=7D"].map(|pool| lockable(cluster(&format!("j-{}", pool.len()), &pooled(pool), "WAITING")));
    let sandbox = loaded(&[&[cluster("j-A", "night", "WAITING"), kept][..], &twins].concat(), &[]);
    for tool in TOOLS {
        let text = sandbox.run(tool, &["-q", "--output", "prometheus", "--output-label", "team=a\\b"]).ok().stdout;
        let read = Ran::with_stdin(client("python").arg(PROGRAM), &text).ok().records();
        assert_eq!(read.len(), samples(&text).len(), "{tool}");
        assert!(read.iter().all(|sample| sample["labels"]["team"] == "a\\b"));
        let pools: BTreeSet<_> = read.iter().filter_map(|sample| sample["labels"]["pool"].as_str()).collect();
        // A control character is shown and not sent, and a name that has what is shown in its place is another.
        assert!(
            pools.contains(SHOWN) && pools.contains(r"d\u{5c}u{1b}") && pools.contains(r"d\u{1b}"),
            "{tool}: {pools:?}"
        );
        let success = read.iter().find(|sample| sample["name"] == "emr_tools_last_run_success").unwrap();
        assert_eq!(success["labels"]["tool"], tool);
        assert!(success["value"].as_f64().is_some_and(|value| value > 0.5), "{success}");
    }
}
