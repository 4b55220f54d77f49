//! Tells Spark and Hadoop's client where the sandbox's S3 and the cluster's HDFS are. Pure, except for reading the
//! step's files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::filesystem::Location;
use crate::run::workplace::Workplace;

/// The schemes of S3 on EMR.
pub(super) const S3_SCHEMES: [&str; 3] = ["s3", "s3a", "s3n"];

/// The host of HDFS in mount tables. Bucket names share the tables, and no bucket's name is this short.
const HDFS_HOST: &str = "nn";

/// Larger files of a job are not searched for the names of buckets.
const SEARCHED: u64 = 1024 * 1024;

/// The Hadoop file system that reaches S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum S3Client {
    S3a,
    WebHdfs,
}

/// The text of `core-site.xml`. `buckets` are existing ones and those that the job names, which it must be able to find
/// missing. HDFS is the directory `hdfs`, under its own name and under `hdfs_hosts`.
pub(super) fn core_site(
    endpoint: &str,
    hdfs: &Path,
    client: S3Client,
    buckets: &BTreeSet<String>,
    hdfs_hosts: &BTreeSet<String>,
) -> String {
    let mut settings = vec![
        ("fs.defaultFS".to_owned(), format!("hdfs://{HDFS_HOST}:8020")),
        ("fs.hdfs.impl".to_owned(), MOUNTED.to_owned()),
        // The user of steps on EMR, which need not exist on this machine.
        ("hadoop.user.group.static.mapping.overrides".to_owned(), "dr.who=;hadoop=hadoop".to_owned()),
    ];
    let hosts = hdfs_hosts.iter().map(String::as_str).chain([HDFS_HOST]);
    settings.extend(hosts.map(|host| mount(host, &format!("file://{}/", hdfs.display()))));
    match client {
        S3Client::S3a => settings.extend(s3a(endpoint)),
        S3Client::WebHdfs => {
            settings.extend(S3_SCHEMES.map(|scheme| (format!("fs.{scheme}.impl"), MOUNTED.to_owned())));
            let webhdfs = endpoint.replacen("http:", "webhdfs:", 1);
            settings.extend(buckets.iter().map(|bucket| mount(bucket, &format!("{webhdfs}/{bucket}/"))));
        }
    }
    let property = |(name, value): &(String, String)| {
        format!("<property><name>{}</name><value>{}</value></property>\n", escape(name), escape(value))
    };
    let properties: Vec<String> = settings.iter().map(property).collect();
    format!("<?xml version=\"1.0\"?>\n<configuration>\n{}</configuration>\n", properties.concat())
}

/// Hadoop's file system that maps any scheme to another file system.
const MOUNTED: &str = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme";

fn mount(host: &str, target: &str) -> (String, String) {
    (format!("fs.viewfs.mounttable.{host}.linkFallback"), target.to_owned())
}

fn s3a(endpoint: &str) -> Vec<(String, String)> {
    let impls =
        S3_SCHEMES.map(|scheme| (format!("fs.{scheme}.impl"), "org.apache.hadoop.fs.s3a.S3AFileSystem".to_owned()));
    let rest = [
        ("endpoint", endpoint),
        ("endpoint.region", "us-east-1"),
        ("path.style.access", "true"),
        ("connection.ssl.enabled", "false"),
        // The sandbox accepts any credentials.
        ("access.key", "sandbox"),
        ("secret.key", "sandbox"),
    ];
    impls.into_iter().chain(rest.map(|(name, value)| (format!("fs.s3a.{name}"), value.to_owned()))).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The words of a command, and the text of each small file that they name, such as a script.
pub(super) fn texts(workplace: &Workplace<'_>, command: &Command) -> Vec<String> {
    let words = command.get_args().chain([command.get_program()]).map(|word| word.to_string_lossy().into_owned());
    let words: Vec<String> = words.collect();
    let read = |word: &String| {
        let location = Location::parse(word, workplace.hdfs()).ok();
        let location = if Path::new(word).is_absolute() { Some(Location::Local(word.into())) } else { location };
        let file = location?.file(workplace.store())?;
        if file.size > SEARCHED { None } else { fs::read_to_string(&file.path).ok() }
    };
    let files: Vec<String> = words.iter().filter_map(read).collect();
    words.into_iter().chain(files).collect()
}

/// The hosts of URIs with one of `schemes` in `texts`. For S3 these are buckets.
pub(super) fn names(texts: &[String], schemes: &[&str]) -> BTreeSet<String> {
    let pieces = texts.iter().flat_map(|text| {
        text.match_indices("://").map(move |(at, sign)| {
            let scheme = text[..at].rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
            (scheme.unwrap_or_default(), &text[at + sign.len()..])
        })
    });
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let hosts = pieces
        .filter(|(scheme, _)| schemes.contains(scheme))
        .map(|(_, rest)| rest.split(|c| !is_part(c)).next().unwrap_or_default().to_owned());
    hosts.filter(|host| !host.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn buckets_are_found_in_the_words_and_files_of_a_job() {
        let texts = ["s3://one/in,s3a://two".to_owned(), "df.write.save(f's3n://th-r.ee/{x}') # http://no".to_owned()];
        assert_eq!(names(&texts, &S3_SCHEMES), set(&["one", "two", "th-r.ee"]));
        assert_eq!(names(&["hdfs:///a hdfs://m:8020/b hdfs://".to_owned()], &["hdfs"]), set(&["m"]));
    }

    #[test]
    fn each_bucket_and_host_is_mounted() {
        let site = |client| {
            core_site("http://127.0.0.1:80", Path::new("/d&e/hdfs"), client, &set(&["a-b"]), &set(&["master"]))
        };
        let text = site(S3Client::WebHdfs);
        for wanted in [
            "<name>fs.viewfs.mounttable.a-b.linkFallback</name><value>webhdfs://127.0.0.1:80/a-b/</value>",
            "<name>fs.viewfs.mounttable.master.linkFallback</name><value>file:///d&amp;e/hdfs/</value>",
            "<name>fs.s3.impl</name><value>org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme</value>",
        ] {
            assert!(text.contains(wanted), "{text}");
        }
        let text = site(S3Client::S3a);
        assert!(text.contains("<name>fs.s3a.endpoint</name><value>http://127.0.0.1:80</value>"), "{text}");
        assert!(!text.contains("webhdfs"), "{text}");
    }
}
