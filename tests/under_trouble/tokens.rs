//! Only its own token renews, releases or uses a lock: not one that is almost it, and not that of a holder before.

use harness::{Ran, Sandbox};

use crate::{OVER, TTL, find_pool, held, pass, pooled, steps, tools};

#[test]
fn a_lock_is_renewed_and_released_by_its_token_alone() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let uri = "s3://bucket/locks/token";
    let taken = sandbox.run("s3-lock", &["acquire", uri, "--token", "mine"]).ok().record();
    for other in ["yours", "min", "mine2"] {
        for action in ["renew", "release"] {
            let ran = sandbox.run("s3-lock", &[action, uri, "--token", other]);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
        }
        let shown = sandbox.run("s3-lock", &["show", uri]).ok().record();
        assert_eq!((&shown["state"], &shown["generation"]), (&"held".into(), &taken["generation"]));
    }
    sandbox.run("s3-lock", &["release", uri, "--token", "mine"]).ok();
}

#[test]
fn a_claim_that_is_over_neither_uses_nor_gives_back_that_of_another() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let job_flow = pooled(&sandbox, "etl");
    let mine = find_pool(&sandbox, "etl", &["--ttl", TTL]).ok().stdout;
    pass(OVER);
    let yours = find_pool(&sandbox, "etl", &[]).ok().stdout;
    let added = Ran::with_stdin(sandbox.tool("add-step").args(["--", "true"]), &mine);
    added.fails(75, "the claim has run out or was given back");
    assert_eq!(Ran::with_stdin(sandbox.tool("s3-lock").arg("release"), &mine).code, Some(1));
    assert_eq!((held(&sandbox, "scratch/locks/job-flows/").len(), steps(&sandbox, &job_flow).len()), (1, 0));
    Ran::with_stdin(sandbox.tool("add-step").args(["--", "true"]), &yours).ok();
}
