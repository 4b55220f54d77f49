//! The storage attributes of an object: class, encryption, redirect. The sandbox stores and answers them and encrypts
//! nothing, but requires a customer's key wherever S3 does. Pure.

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use s3s::S3ErrorCode;
use s3s::crypto::{Checksum as _, Md5};

use crate::s3::refusal::Refusal;

/// The class of an object stored without one.
pub(crate) const STANDARD: &str = "STANDARD";

/// The classes that a write may name.
const CLASSES: [&str; 8] = [
    STANDARD,
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "GLACIER_IR",
    "DEEP_ARCHIVE",
    "REDUCED_REDUNDANCY",
];

/// The classes whose objects must be restored before they can be read.
const ARCHIVES: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];

/// The bytes of a customer's key.
const KEY_LENGTH: usize = 32;

/// How an object is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Storage {
    pub(crate) class: String,
    pub(crate) encryption: Encryption,
    /// `x-amz-website-redirect-location`.
    pub(crate) redirect: Option<String>,
}

/// The keys that encrypt an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// Keys of S3, the default.
    S3,
    /// A key of KMS: `aws:kms` or `aws:kms:dsse`.
    Kms { algorithm: String, key_id: Option<String>, bucket_key: bool },
    /// A key sent with every request; this is its MD5 in base64.
    Customer(String),
}

impl Default for Storage {
    fn default() -> Storage {
        Storage { class: STANDARD.to_owned(), encryption: Encryption::S3, redirect: None }
    }
}

impl Storage {
    /// The attributes that the headers of a write ask for.
    pub(crate) fn of_write(headers: &HeaderMap) -> Result<Storage, Refusal> {
        refuse_locks(headers)?;
        let class = text(headers, "x-amz-storage-class").unwrap_or(STANDARD);
        if !CLASSES.contains(&class) {
            let message = "The storage class you specified is not valid";
            return Err(Refusal::new(S3ErrorCode::InvalidStorageClass, message).with("StorageClassRequested", class));
        }
        Ok(Storage {
            class: class.to_owned(),
            encryption: Encryption::of_write(headers)?,
            redirect: text(headers, "x-amz-website-redirect-location").map(str::to_owned),
        })
    }

    /// Fails for an object that must be restored first.
    pub(crate) fn check_readable(&self, message: &'static str) -> Result<(), Refusal> {
        if !ARCHIVES.contains(&&*self.class) {
            return Ok(());
        }
        Err(Refusal::new(S3ErrorCode::InvalidObjectState, message).with("StorageClass", &self.class))
    }

    /// The class; `None` for the default, which S3 omits from most answers.
    pub(crate) fn unusual_class(&self) -> Option<&str> {
        Some(&*self.class).filter(|class| *class != STANDARD)
    }
}

impl Encryption {
    fn of_write(headers: &HeaderMap) -> Result<Encryption, Refusal> {
        let named = text(headers, "x-amz-server-side-encryption");
        let has_key = ["algorithm", "key"].iter().any(|name| headers.contains_key(format!("{CUSTOMER}{name}")));
        if let Some(name) = named.filter(|_| has_key) {
            let message = "Server Side Encryption with Customer provided key is incompatible with the encryption method specified";
            return Err(encryption(message).with("ArgumentValue", name));
        }
        match (named, customer_key(headers, CUSTOMER)?) {
            (_, Some(md5)) => Ok(Encryption::Customer(md5)),
            (None | Some("AES256"), None) => Ok(Encryption::S3),
            (Some(name @ ("aws:kms" | "aws:kms:dsse")), None) => Ok(Encryption::Kms {
                algorithm: name.to_owned(),
                key_id: text(headers, "x-amz-server-side-encryption-aws-kms-key-id").map(str::to_owned),
                bucket_key: text(headers, "x-amz-server-side-encryption-bucket-key-enabled") == Some("true"),
            }),
            (Some(name), None) => {
                Err(encryption("The encryption method specified is not supported").with("ArgumentValue", name))
            }
        }
    }

    /// Fails unless the headers of a read have the object's customer key, if it has one. The headers' names start with
    /// `prefix`.
    pub(crate) fn check_key(&self, headers: &HeaderMap, prefix: &str) -> Result<(), Refusal> {
        let given = text(headers, &format!("{prefix}key-md5"));
        match (self, given) {
            (Encryption::Customer(md5), Some(given)) if *md5 == given => customer_key(headers, prefix).map(|_| ()),
            (Encryption::Customer(_), Some(_)) => Err(Refusal::new(
                S3ErrorCode::AccessDenied,
                "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.",
            )),
            (Encryption::Customer(_), None) => Err(Refusal::request(
                "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
            )),
            (_, Some(_)) => Err(Refusal::request("The encryption parameters are not applicable to this object.")),
            (_, None) => customer_key(headers, prefix).map(|_| ()),
        }
    }

    /// Fails unless a part has the key of its upload.
    pub(crate) fn check_part(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match (self, customer_key(headers, CUSTOMER)?) {
            (Encryption::Customer(md5), Some(given)) if *md5 == given => Ok(()),
            (Encryption::Customer(_), Some(_)) => {
                Err(Refusal::request("The provided encryption parameters did not match the ones used originally."))
            }
            (Encryption::Customer(_), None) | (_, Some(_)) => Err(Refusal::request(
                "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.",
            )),
            (_, None) => Ok(()),
        }
    }

    /// Adds the encryption headers to an answer.
    pub(crate) fn put_into(&self, headers: &mut HeaderMap) {
        match self {
            Encryption::S3 => put(headers, "x-amz-server-side-encryption", "AES256"),
            Encryption::Kms { algorithm, key_id, bucket_key } => {
                put(headers, "x-amz-server-side-encryption", algorithm);
                if let Some(key_id) = key_id {
                    put(headers, "x-amz-server-side-encryption-aws-kms-key-id", key_id);
                }
                if *bucket_key {
                    put(headers, "x-amz-server-side-encryption-bucket-key-enabled", "true");
                }
            }
            Encryption::Customer(md5) => {
                put(headers, "x-amz-server-side-encryption-customer-algorithm", "AES256");
                put(headers, "x-amz-server-side-encryption-customer-key-md5", md5);
            }
        }
    }
}

/// The prefix of the headers with a customer's key.
pub(crate) const CUSTOMER: &str = "x-amz-server-side-encryption-customer-";

/// The prefix of the headers with the customer's key of a copy source.
pub(crate) const SOURCE_CUSTOMER: &str = "x-amz-copy-source-server-side-encryption-customer-";

/// The MD5 of the customer's key in the headers that start with `prefix`.
fn customer_key(headers: &HeaderMap, prefix: &str) -> Result<Option<String>, Refusal> {
    let header = |name: &str| text(headers, &format!("{prefix}{name}"));
    let (algorithm, key) = match (header("algorithm"), header("key")) {
        (None, None) => return Ok(None),
        (Some(algorithm), Some(key)) => (algorithm, key),
        (None, Some(_)) => {
            return Err(encryption(
                "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.",
            ));
        }
        (Some(_), None) => {
            return Err(encryption(
                "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.",
            ));
        }
    };
    if algorithm != "AES256" {
        let message = "The Encryption request you specified is not valid. Supported value: AES256.";
        return Err(Refusal::new(S3ErrorCode::InvalidEncryptionAlgorithmError, message)
            .with("ArgumentName", "x-amz-server-side-encryption")
            .with("ArgumentValue", algorithm));
    }
    let key = base64_simd::STANDARD.decode_to_vec(key).ok().filter(|key| key.len() == KEY_LENGTH);
    let key = key.ok_or_else(|| encryption("The secret key was invalid for the specified algorithm."))?;
    let mut md5 = Md5::new();
    md5.update(&key);
    let md5 = base64_simd::STANDARD.encode_to_string(md5.finalize());
    if header("key-md5") != Some(&*md5) {
        return Err(encryption("The calculated MD5 hash of the key did not match the hash that was provided."));
    }
    Ok(Some(md5))
}

fn encryption(message: &'static str) -> Refusal {
    Refusal::new(S3ErrorCode::InvalidArgument, message).with("ArgumentName", "x-amz-server-side-encryption")
}

/// Refuses headers of Object Lock, which no bucket of the sandbox has.
fn refuse_locks(headers: &HeaderMap) -> Result<(), Refusal> {
    let (mode, until, hold) =
        ("x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold");
    let both = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
    let missing = |name| Refusal::new(S3ErrorCode::InvalidArgument, both).with("ArgumentName", name);
    match (headers.contains_key(mode), headers.contains_key(until), headers.contains_key(hold)) {
        (false, false, false) => Ok(()),
        (true, false, _) => Err(missing(until)),
        (false, true, _) => Err(missing(mode)),
        _ => Err(Refusal::request("Bucket is missing Object Lock Configuration")),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().filter(|value| !value.is_empty())
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const KEY_MD5: &str = "cLyPS3KoaSFGi/joRB3OUQ==";

    fn headers(list: &[(&str, &str)]) -> HeaderMap {
        let header = |(name, value): &(&str, &str)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap());
        list.iter().map(header).collect::<Vec<(HeaderName, HeaderValue)>>().into_iter().collect()
    }

    fn code(list: &[(&str, &str)]) -> String {
        Storage::of_write(&headers(list)).map_or_else(|refusal| refusal.code().to_owned(), |_| String::new())
    }

    fn with_key(list: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        let key = [
            ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
            ("x-amz-server-side-encryption-customer-key", KEY),
            ("x-amz-server-side-encryption-customer-key-md5", KEY_MD5),
        ];
        key.into_iter().chain(list.iter().copied()).collect()
    }

    #[test]
    fn classes_are_kept_and_an_archived_object_is_not_readable() {
        assert_eq!(code(&[("x-amz-storage-class", "NONE")]), "InvalidStorageClass");
        let stored = Storage::of_write(&headers(&[("x-amz-storage-class", "GLACIER")])).unwrap();
        assert_eq!(stored.unusual_class(), Some("GLACIER"));
        assert_eq!(stored.check_readable("").unwrap_err().code(), "InvalidObjectState");
        assert!(Storage::default().check_readable("").is_ok());
    }

    #[test]
    fn a_customers_key_is_required_again() {
        let stored = Storage::of_write(&headers(&with_key(&[]))).unwrap().encryption;
        assert_eq!(stored, Encryption::Customer(KEY_MD5.to_owned()));
        assert!(stored.check_key(&headers(&with_key(&[])), CUSTOMER).is_ok());
        assert_eq!(stored.check_key(&HeaderMap::new(), CUSTOMER).unwrap_err().code(), "InvalidRequest");
        assert_eq!(Encryption::S3.check_part(&headers(&with_key(&[]))).unwrap_err().code(), "InvalidRequest");
        assert_eq!(code(&with_key(&[("x-amz-server-side-encryption", "AES256")])), "InvalidArgument");
        assert_eq!(code(&[("x-amz-server-side-encryption-customer-algorithm", "AES256")]), "InvalidArgument");
    }

    #[test]
    fn answers_repeat_the_encryption_of_a_write() {
        let mut answer = HeaderMap::new();
        let asked =
            [("x-amz-server-side-encryption", "aws:kms"), ("x-amz-server-side-encryption-aws-kms-key-id", "alias/key")];
        Storage::of_write(&headers(&asked)).unwrap().encryption.put_into(&mut answer);
        assert_eq!(answer, headers(&asked));
        assert_eq!(code(&[("x-amz-server-side-encryption", "rot13")]), "InvalidArgument");
    }

    #[test]
    fn no_bucket_accepts_object_locks() {
        let mode = ("x-amz-object-lock-mode", "GOVERNANCE");
        assert_eq!(code(&[mode]), "InvalidArgument");
        assert_eq!(code(&[mode, ("x-amz-object-lock-retain-until-date", "2050-01-01T00:00:00Z")]), "InvalidRequest");
    }
}
