//! The page of `--html`: whole by itself, harmless whatever the Names are, and of use to mouse and keyboard.

use std::path::{Path, PathBuf};
use std::process::Command;

use harness::Sandbox;

use crate::account::{HOUR, JobFlow, audit, sandbox, some_day};

const HOSTILE: &str = "</script><img src=x onerror=alert(1)> \"'{{script}}";

fn job_flows() -> Vec<JobFlow> {
    let steps = [("sort", "COMPLETED", 700, Some(1500)), (HOSTILE, "FAILED", 1600, Some(3000))];
    let named = |id: &str, name: &str, hours| JobFlow {
        name: name.to_owned(),
        ..JobFlow::new(id, some_day(), 600, HOUR * hours, &steps)
    };
    vec![
        named("A", "job-flow.ann pool:etl,0123456789abcdef run:0123456789ab", 2),
        named("B", HOSTILE, 5),
        JobFlow { ready: None, ..named("C", "never", 1) },
    ]
}

fn page(sandbox: &Sandbox) -> PathBuf {
    let path = sandbox.folder().join("usage.html");
    audit(sandbox, &["-q", "--html", path.to_str().unwrap(), "--group-by", "day"]);
    path
}

#[test]
fn the_page_loads_nothing_and_runs_nothing_that_stands_in_a_name() {
    let sandbox = sandbox(&job_flows(), &[]);
    let path = page(&sandbox);
    let html = std::fs::read_to_string(&path).unwrap();
    for bad in ["<img", "src=\"", "href=", "http:", "https:", "style=\"", "onclick"] {
        assert!(!html.contains(bad), "{bad}");
    }
    assert!(html.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt; &quot;&#39;{{script}}"));
    assert_eq!((html.matches("<script>").count(), html.matches("</script>").count()), (1, 1));
    for words in
        ["default-src 'none'", "By job: idle after whose step", "Pool etl (1)", "No pool (2)", "class=\"cross\""]
    {
        assert!(html.contains(words), "{words}");
    }
    let left = std::fs::read_dir(sandbox.folder()).unwrap();
    let left = left.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".emr-tools-"));
    assert_eq!(left.count(), 0, "what it was written into is gone");
    let asked = sandbox.all_requests().len();
    sandbox.run("audit-usage", &["--html", "/nowhere/usage.html"]).fails(74, "cannot write /nowhere/usage.html");
    assert_eq!(sandbox.all_requests().len(), asked, "that shows before EMR is asked");
}

#[test]
fn a_link_stays_and_the_file_behind_it_is_written() {
    let sandbox = sandbox(&job_flows(), &[]);
    let (link, file) = (sandbox.folder().join("usage.html"), sandbox.folder().join("behind.html"));
    std::fs::write(&file, "old").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    page(&sandbox);
    assert!(link.is_symlink() && std::fs::read_to_string(&file).unwrap().contains("Pool etl (1)"));
    std::fs::remove_file(&file).unwrap();
    sandbox.run("audit-usage", &["--html", link.to_str().unwrap()]).fails(74, "cannot write");
}

#[test]
fn a_step_that_fails_under_one_that_completes_has_its_cross() {
    let steps = [("sort", "COMPLETED", 700, Some(3000)), ("count", "FAILED", 800, Some(900))];
    let sandbox = sandbox(&[JobFlow::new("A", some_day(), 600, HOUR, &steps)], &[]);
    let html = std::fs::read_to_string(page(&sandbox)).unwrap();
    // By date, and by age.
    assert_eq!(html.matches("class=\"cross\"").count(), 2);
}

#[test]
fn what_is_not_known_is_no_zero() {
    let mut unsized_one = JobFlow::new("B", some_day(), 600, HOUR, &[]).json();
    unsized_one["InstanceGroups"][0]["InstanceType"] = "x99.huge".into();
    let known = JobFlow::new("A", some_day(), 600, HOUR, &[]).json();
    let sandbox = crate::account::loaded(&[known, unsized_one.clone()], &[]);
    let html = std::fs::read_to_string(page(&sandbox)).unwrap();
    assert!(html.contains(">8.0+</td>") && html.contains("The size of 1 of 2 job flows is unknown"), "{html}");
    let table = audit(&sandbox, &["--output", "table"]).stdout;
    assert!(table.contains(" 8.0+ "), "{table}");
    let record = audit(&sandbox, &[]).record();
    assert_eq!([&record["life_vcpu_h"], &record["instance_h"]], [8.0, 2.0], "both are of the same job flows");
    let sandbox = crate::account::loaded(&[unsized_one], &[]);
    let html = std::fs::read_to_string(page(&sandbox)).unwrap();
    assert!(html.contains("data-v=\"-1\">?</td>"), "{html}");
}

/// What Chromium says of the page at `path`: its document once its scripts have run, and what it complains of.
fn browse(path: &Path) -> (String, String) {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", path.display()))
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    let complaints = complaints.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect::<Vec<_>>();
    (String::from_utf8_lossy(&output.stdout).into_owned(), complaints.join("\n"))
}

/// Clicks on a heading twice, goes a row down, and says what came of it.
const USER: &str = r#"<script>{
const table = document.querySelectorAll("table.sums")[3];
const first = () => table.tBodies[0].rows[0].cells[0].textContent;
const hours = table.tHead.rows[0].cells[5].firstChild;
hours.click();
const dearest = first();
hours.click();
const cheapest = first();
const chart = [...document.querySelectorAll("svg.chart")].find((chart) => chart.querySelectorAll(".row").length === 2);
const [one, two] = chart.querySelectorAll(".row");
one.focus();
one.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
const isTold = document.getElementById("told").textContent === two.getAttribute("aria-label");
document.title = [dearest, cheapest, document.activeElement === two, isTold, two.getAttribute("tabindex")].join(" ");
}</script>"#;

#[test]
#[ignore = "needs Chromium: scripts/test --full installs it"]
fn a_browser_shows_it_without_complaint_and_mouse_and_keyboard_work() {
    let sandbox = sandbox(&job_flows(), &[]);
    let path = page(&sandbox);
    let (document, complaints) = browse(&path);
    assert!(document.contains("By job flow") && complaints.is_empty(), "{complaints}");
    let html = std::fs::read_to_string(&path).unwrap();
    // A user's hands are a script, which the page itself would not allow.
    let policy = html.find("<meta http-equiv").unwrap();
    let end = policy + html[policy..].find('>').unwrap() + 1;
    let used = sandbox.file("used.html", format!("{}{}{USER}", &html[..policy], &html[end..]));
    let (document, complaints) = browse(&used);
    assert!(document.contains("<title>j-B j-C true true 0</title>"), "{complaints} {document}");
}
