//! `ListSessions`. Only recorded sessions: the sandbox starts none.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::page::Marker;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListSessions {
    cluster_id: String,
    #[serde(default)]
    session_states: Vec<Value>,
    #[serde(default)]
    next_token: Marker,
}

pub(super) fn answer(account: &Account, request: &ListSessions) -> Result<Value, Error> {
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
