//! A recorded job.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;

use serde::Deserialize;

/// A job, and what Hadoop did.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    arguments: String,
    pub(crate) files: BTreeMap<String, Content>,
    #[serde(default)]
    pub(crate) local: BTreeMap<String, Content>,
    pub(crate) hadoop: String,
    pub(crate) hadoop_says: Option<String>,
    /// What the sandbox lacks for this job, and names when it fails the step.
    pub(crate) refused: Option<String>,
    #[serde(default)]
    parts: BTreeMap<String, Content>,
}

/// The content of a file.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Content {
    Text(String),
    Base64 {
        base64: String,
    },
    /// What is in a file that is packed.
    Gunzipped {
        gunzipped: String,
    },
    /// 60,000 lines, or the first 200,000 bytes of them with CR.
    Lines {
        lines: String,
    },
}

impl Content {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) | Self::Gunzipped { gunzipped: text } => text.clone().into_bytes(),
            Self::Base64 { base64 } => base64_simd::STANDARD.decode_to_vec(base64).unwrap(),
            Self::Lines { lines } => {
                let is_cut = lines.contains("200000");
                let end = if is_cut { "\r\n" } else { "\n" };
                let mut text = String::new();
                (0..60_000).for_each(|number| write!(text, "{number:07}\tvalue {number}{end}").unwrap());
                text.truncate(if is_cut { 200_000 } else { text.len() });
                text.into_bytes()
            }
        }
    }
}

impl Case {
    /// The words of the job, with its files below `place`.
    pub(crate) fn words(&self, place: &str) -> Vec<String> {
        let mut arguments = self.arguments.clone();
        for name in self.local.keys() {
            arguments = arguments.replace(&format!("{{file:{name}}}"), &format!("{place}/{name}"));
        }
        let places = arguments.replace("{in}", &format!("{place}/in")).replace("{out}", &format!("{place}/out"));
        emr_core::shell::split(&places.replace("{{", "{").replace("}}", "}")).unwrap()
    }

    /// How the files of an output differ from Hadoop's.
    pub(crate) fn difference(&self, got: &BTreeMap<String, Vec<u8>>) -> Option<String> {
        let (names, wanted): (Vec<_>, Vec<_>) = (got.keys().collect(), self.parts.keys().collect());
        if names != wanted {
            return Some(format!("the files are {names:?}, Hadoop's are {wanted:?}"));
        }
        self.parts.iter().find_map(|(name, wanted)| {
            let (got, bytes) = match name.rsplit_once('.') {
                Some((_, "gz")) => (gunzipped(&got[name]), wanted.bytes()),
                // zlib itself packs long texts in another way than the sandbox.
                Some((_, "deflate")) => (inflated(&got[name]), inflated(&wanted.bytes())),
                _ => (got[name].clone(), wanted.bytes()),
            };
            let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (!is_alike(&got, &bytes)).then(|| format!("{name} is {:?}, Hadoop's is {:?}", show(&got), show(&bytes)))
        })
    }
}

fn gunzipped(packed: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut text).unwrap();
    text
}

fn inflated(packed: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    flate2::read::ZlibDecoder::new(packed).read_to_end(&mut text).unwrap();
    text
}

/// Whether both have the same lines in the order of their keys. Records of one key that come from several mappers have
/// no order of their own on Hadoop.
fn is_alike(a: &[u8], b: &[u8]) -> bool {
    let sorted = |bytes: &[u8]| {
        let mut lines: Vec<_> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        lines.sort();
        lines
    };
    let keys = |bytes: &[u8]| {
        let lines = bytes.split(|byte| *byte == b'\n');
        lines.map(|line| line.split(|byte| *byte == b'\t').next().map(<[u8]>::to_vec)).collect::<Vec<_>>()
    };
    a == b || (sorted(a) == sorted(b) && keys(a) == keys(b))
}
