//! What cannot be sent says so at once: no retries, no search for what was never asked, and no "unclear".

use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Ran, Sandbox, Tools};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

/// Tools that ask EMR first, and tools that ask S3 first.
const CALLS: [(&str, &[&str]); 14] = [
    ("create-job-flow", &["--no-conf"]),
    ("find-pool", &["--no-conf", "--pool-name", "etl", "--or-create", "--s3-scratch-uri", "s3://bucket/tmp/"]),
    ("fill-pool", &["--no-conf", "--min-idle", "1", "--s3-scratch-uri", "s3://bucket/tmp/"]),
    ("list-job-flows", &["--no-conf"]),
    ("terminate-idle-job-flows", &["--no-conf", "--max-hours-idle", "1"]),
    ("cancel-step", &["--no-conf", "j-A", "s-A"]),
    ("describe-job-flow", &["--no-conf", "j-A"]),
    ("list-steps", &["--no-conf", "j-A"]),
    ("wait-job-flow", &["--no-conf", "j-A"]),
    ("wait-step", &["--no-conf", "j-A"]),
    ("s3-lock", &["acquire", "--no-conf", "s3://bucket/locks/x"]),
    ("s3-lock", &["run", "--no-conf", "s3://bucket/locks/x", "--", "true"]),
    ("s3-lock", &["probe", "--no-conf", "s3://bucket/locks/"]),
    ("s3-tmpwatch", &["--no-conf", "30d", "s3://bucket/scratch/"]),
];

fn sandbox() -> Sandbox {
    Sandbox::start(&Tools::beside(SANDBOX), &[])
}

/// Every tool of [`CALLS`], with what `change` makes of its environment, fails with `code` and these words, and asks
/// nothing.
fn each_fails(code: i32, words: &str, change: impl Fn(&mut Command)) {
    let sandbox = sandbox();
    for (tool, args) in CALLS {
        let mut command = sandbox.tool(tool);
        command.args(args);
        change(&mut command);
        Ran::of(&mut command).fails(code, words);
    }
    assert!(sandbox.all_requests().is_empty(), "{:?}", sandbox.all_requests());
}

#[test]
fn an_endpoint_of_one_s_own_has_no_fips_and_no_dual_stack() {
    for variable in ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"] {
        each_fails(78, "was not sent: ", |command| {
            command.env(variable, "true");
        });
    }
}

#[test]
fn without_credentials_nothing_is_asked() {
    each_fails(77, "no AWS credentials were found (neither in the environment, nor in a profile, ", |command| {
        command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    });
}

#[test]
fn what_is_no_url_is_no_endpoint() {
    for url in ["http://[::1", "http://host:99999", "http://a b", "nowhere", "http://"] {
        each_fails(78, &format!("AWS_ENDPOINT_URL is '{url}', which is not a URL"), |command| {
            command.env("AWS_ENDPOINT_URL", url);
        });
    }
}

#[test]
fn an_access_point_is_named_by_its_alias() {
    let sandbox = sandbox();
    let uri = "s3://arn:aws:s3:us-west-2:111122223333:accesspoint/etl/locks/x";
    sandbox.run("s3-lock", &["acquire", "--no-conf", uri]).fails(2, "-s3alias");
    let scratch = ["--no-conf", "--pool-name", "etl", "--s3-scratch-uri", uri];
    sandbox.run("find-pool", &scratch).fails(2, "-s3alias");
}

/// A home with these profiles, and a token of SSO that expired.
fn home(sandbox: &Sandbox) -> PathBuf {
    let home = sandbox.folder().join("home");
    let cache = home.join(".aws/sso/cache");
    std::fs::create_dir_all(&cache).expect("a folder");
    let config = "[profile sso]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = etl\n\
        [sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.example\n\
        [profile expired]\nsso_session = old\nsso_account_id = 111122223333\nsso_role_name = etl\n\
        [sso-session old]\nsso_region = us-east-1\nsso_start_url = https://old.example\n\
        [profile legacy]\nsso_region = us-east-1\nsso_start_url = https://l.example\nsso_account_id = 1\nsso_role_name = r\n\
        [profile role]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = sso\n\
        [profile keys]\naws_access_key_id = A\naws_secret_access_key = s\n\
        [profile empty]\nregion = us-east-1\n";
    std::fs::write(home.join(".aws/config"), config).expect("it is written");
    let token = "{\"accessToken\": \"t\", \"expiresAt\": \"2020-01-01T00:00:00Z\"}";
    // The name of a cached token is the SHA-1 of the session's name.
    std::fs::write(cache.join(sha1_of_old()), token).expect("it is written");
    home
}

fn sha1_of_old() -> String {
    let sum = Command::new("sh").args(["-c", "printf old | sha1sum"]).output().expect("sha1sum is installed").stdout;
    format!("{}.json", String::from_utf8_lossy(&sum[..40]))
}

fn with_profile(sandbox: &Sandbox, home: &Path, profile: &str) -> Ran {
    let mut command = sandbox.tool("list-job-flows");
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").env("HOME", home);
    Ran::of(command.args(["--no-conf", "--profile", profile]))
}

#[test]
fn who_is_not_logged_in_to_sso_is_told_how_to_log_in() {
    let sandbox = sandbox();
    let home = home(&sandbox);
    for (profile, login) in [("sso", "sso"), ("expired", "expired"), ("legacy", "legacy"), ("role", "sso")] {
        let ran = with_profile(&sandbox, &home, profile);
        ran.fails(77, &format!("log in: aws sso login --profile {login}"));
        assert!(!ran.stderr.contains("AWS_ACCESS_KEY_ID"), "{ran:?}");
    }
    let _ = with_profile(&sandbox, &home, "keys").ok();
    with_profile(&sandbox, &home, "empty").fails(77, "no AWS credentials were found (the profile has none)");
}

#[test]
fn a_profile_that_does_not_exist_is_said_with_the_files_and_the_ones_that_do() {
    let sandbox = sandbox();
    let home = home(&sandbox);
    let words = format!(
        "the AWS profile 'nosuch' is neither in {0}/.aws/config nor in {0}/.aws/credentials; there are: empty, expired, keys, legacy, role, sso",
        home.display()
    );
    with_profile(&sandbox, &home, "nosuch").fails(77, &words);
    let mut command = sandbox.tool("list-job-flows");
    let ran = Ran::of(command.env("AWS_PROFILE", "nosuch").env("AWS_CONFIG_FILE", "/nowhere/config").arg("--no-conf"));
    ran.fails(77, "the AWS profile 'nosuch' of AWS_PROFILE is neither in /nowhere/config nor in ");
}
