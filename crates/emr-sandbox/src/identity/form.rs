//! The body of a query protocol request: `Action=GetRole&RoleName=x`.

use super::STS_VERSION;

/// The members of the form, in order.
#[derive(Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub(crate) fn parse(body: &[u8]) -> Self {
        let pairs = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        let decode = |pair: &[u8]| {
            let middle = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            (decoded(&pair[..middle]), decoded(pair.get(middle + 1..).unwrap_or_default()))
        };
        Self(pairs.map(decode).collect())
    }

    /// The operation.
    pub(crate) fn action(&self) -> &str {
        self.get("Action")
    }

    /// The name of the service in the request log.
    pub(crate) fn service(&self) -> &'static str {
        match self.get("Version") {
            STS_VERSION => "sts",
            _ => "iam",
        }
    }

    /// The value of a member, empty if there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

fn decoded(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let escaped = after.get(..2).filter(|_| *first == b'%').and_then(|digits| hex::decode(digits).ok());
        if let Some(byte) = &escaped {
            bytes.extend(byte);
            rest = &after[2..];
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_malformed_ones_stay() {
        let form = Form::parse(b"Action=Get%52ole&a=b+c%2F&d=100%&e&f==");
        assert_eq!(form.action(), "GetRole");
        assert_eq!(["a", "d", "e", "f", "g"].map(|name| form.get(name)), ["b c/", "100%", "", "=", ""]);
    }
}
