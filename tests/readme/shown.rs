//! The tables that texts show have the form in which the tools print them.

use std::collections::BTreeSet;
use std::process::Command;

use harness::{Ran, Sandbox};

use super::document::documents;
use super::{furnish, tools};

/// Prints each table that a text shows, of job flows that are as there.
const PRINTS: &str = "
    create-job-flow --num-ec2-instances=12 --name quickstart > job-flow.json
    list-job-flows --output table
    add-step --streaming --mapper ./map --reducer ./reduce --file map --file reduce \
        --input in.txt --output s3://bucket/counts/ < job-flow.json | wait-step --output table
    terminate-job-flow --output table < job-flow.json
    pooled() { create-job-flow --pool-emr-job-flows --pool-name etl \"$@\"; }
    pooled --num-ec2-instances 12 > /dev/null
    find-pool --pool-name etl > claimed.json
    pooled --num-ec2-instances 12 --applications Hadoop,Spark > /dev/null
    pooled > /dev/null
    until [ -n \"$(terminate-idle-job-flows --max-hours-idle 0 --dry-run)\" ]; do :; done
    terminate-idle-job-flows --max-hours-idle 0 --explain --output table
    find-pool --pool-name etl --num-ec2-instances 12 --explain --output table || test $? = 1
    s3-lock show --output table \"$(jq -r .claim.lock_uri claimed.json)\"";

/// What is left of a line of a table where what differs from run to run is taken away: ids, numbers, owners, widths.
fn form(line: &str) -> String {
    let words = line.split_whitespace().map(|word| {
        let id = ["j-", "s-", "run:"].iter().find_map(|kind| word.find(kind).map(|at| at + kind.len()));
        if word.contains('@') { "OWNER" } else { &word[..id.unwrap_or(word.len())] }
    });
    let mut form = String::new();
    for letter in words.collect::<Vec<_>>().join(" ").chars() {
        match (letter.is_ascii_digit(), form.ends_with('0')) {
            (false, _) => form.push(letter),
            (true, false) => form.push('0'),
            (true, true) => {}
        }
    }
    form
}

fn is_of_a_table(line: &str) -> bool {
    ["JOB FLOW ", "LOCK ", "j-", "s3://"].iter().any(|start| line.starts_with(start))
}

#[test]
fn the_tables_that_are_shown_are_those_that_the_tools_print() {
    let sandbox = Sandbox::start(&tools(), &[]);
    furnish(&sandbox);
    let mut command = Command::new("bash");
    command.args(["-eo", "pipefail", "-c", PRINTS]).env_clear().env("HOME", sandbox.folder());
    let ran = Ran::of(sandbox.point(command.env("PATH", tools().path(&[])))).ok();
    let printed: BTreeSet<_> = ran.stdout.lines().map(form).collect();
    let mut shown = 0;
    for document in documents() {
        for line in document.blocks("text").flat_map(str::lines).filter(|line| is_of_a_table(line)) {
            assert!(printed.contains(&form(line)), "{}: {line}\n{printed:#?}", document.name);
            shown += 1;
        }
    }
    assert!(shown >= 12, "{shown}");
}
