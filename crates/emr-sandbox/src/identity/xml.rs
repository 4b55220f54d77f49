//! XML answers of the query protocol.

use hyper::StatusCode;
use uuid::Uuid;

/// The answer to `action`, with the content of its result.
pub(super) fn result(action: &str, content: &str) -> String {
    let id = Uuid::new_v4();
    format!(
        "<{action}Response><{action}Result>{content}</{action}Result>\
         <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{action}Response>"
    )
}

/// The answer to a refused request.
pub(crate) fn refusal(status: StatusCode, code: &str, message: &str) -> String {
    let kind = if status.is_server_error() { "Receiver" } else { "Sender" };
    let id = Uuid::new_v4();
    format!(
        "<ErrorResponse><Error><Type>{kind}</Type>{}{}</Error><RequestId>{id}</RequestId></ErrorResponse>",
        element("Code", code),
        element("Message", message)
    )
}

/// An element with text.
pub(super) fn element(name: &str, text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<{name}>{text}</{name}>")
}

/// A list of members, whose content is already XML.
pub(super) fn list(name: &str, members: impl Iterator<Item = String>) -> String {
    let members: Vec<_> = members.map(|member| format!("<member>{member}</member>")).collect();
    format!("<{name}>{}</{name}>", members.concat())
}
