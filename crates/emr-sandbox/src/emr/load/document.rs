//! Reads a file of consecutive JSON values, and lists of clusters in them one cluster at a time.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::loader::Loader;
use crate::s3::RecordedObject;

/// Hands every cluster of `file`, and every list that follows one, to `loader`.
pub(super) fn read(file: impl Read, loader: &mut Loader) -> Result<(), String> {
    let mut json = serde_json::Deserializer::from_reader(file);
    let mut is_first = true;
    // Any rest that is not the end is read as the next value, and reading it finds syntax errors.
    while is_first || json.end().is_err() {
        is_first = false;
        Document(loader).deserialize(&mut json).map_err(|error| reason(&error))?;
    }
    Ok(())
}

/// The error without its position for data errors, where serde only knows the end of the value.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if !error.is_data() {
        return text;
    }
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}

/// A value of the file.
struct Document<'a>(&'a mut Loader);

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("output of the AWS CLI about clusters, such as {\"Cluster\": …} or {\"Clusters\": […]}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut rest = Map::new();
        let mut has_list = false;
        while let Some(key) = map.next_key::<String>()? {
            if matches!(key.as_str(), "clusters" | "Clusters") {
                has_list = true;
                map.next_value_seed(Clusters { loader: &mut *self.0, list: &key })?;
            } else if key == "objects" {
                has_list = true;
                self.0.objects.extend(map.next_value::<Vec<RecordedObject>>()?);
            } else {
                rest.insert(key, map.next_value()?);
            }
        }
        self.0.document(rest, has_list).map_err(A::Error::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        Clusters { loader: self.0, list: "" }.visit_seq(seq)
    }
}

/// A list of clusters, and the key under which it stands.
struct Clusters<'a> {
    loader: &'a mut Loader,
    list: &'a str,
}

impl<'de> DeserializeSeed<'de> for Clusters<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Clusters<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a list of clusters in `{}`", self.list)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut place = 0;
        while let Some(value) = seq.next_element::<Value>()? {
            let taken = self.loader.element(value);
            taken.map_err(|reason| A::Error::custom(format!("{}[{place}]{reason}", self.list)))?;
            place += 1;
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
