//! `ListSessions`, of recorded sessions: none can be started here.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Failure;
use crate::emr::page::Marker;

/// A request for the sessions on a cluster.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSessions {
    cluster_id: String,
    #[serde(default)]
    session_states: Vec<Value>,
    #[serde(default)]
    next_token: Marker,
}

pub(crate) fn list_sessions(account: &Account, request: &ListSessions) -> Result<Value, Failure> {
    let cluster = account.find(&request.cluster_id)?;
    let states = &request.session_states;
    let (page, token) =
        request.next_token.page(&cluster.sessions, |session| states.is_empty() || states.contains(&session["State"]));
    let mut answer = json!({ "Sessions": page });
    if let Some(token) = token {
        answer["NextToken"] = json!(token);
    }
    Ok(answer)
}
