//! Commands, and what comes of them.

use crate::{Cluster, sorted};

#[test]
fn a_command_runs_on_every_node_and_its_lines_say_where() {
    let Some(cluster) = Cluster::start(3) else { return };
    let ran = cluster.run(&["--", "hostname"]).ok();
    let expected = [
        "ip-10-99-0-1: ip-10-99-0-1.ec2.internal",
        "ip-10-99-0-11: ip-10-99-0-11.ec2.internal",
        "ip-10-99-0-12: ip-10-99-0-12.ec2.internal",
        "ip-10-99-0-13: ip-10-99-0-13.ec2.internal",
    ];
    assert_eq!(sorted(&ran.stdout), expected, "{ran:?}");
    println!("{ran:?}");
    let again = cluster.run(&["-v", "--", "sh", "-c", "exit $((RANDOM - RANDOM + 255))"]);
    println!("{again:?}");
}
