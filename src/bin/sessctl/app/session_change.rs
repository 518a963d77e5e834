//! [`SessionChange`]: what a request changed of its session.

use serde::Serialize;

use sessctl::session::Activity;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SessionChange {
    Created,
    Rotated,
    Changed,
    Ended,
}

impl SessionChange {
    pub(crate) fn all_of(activity: Activity) -> impl Iterator<Item = Self> {
        let Activity { created, rotated, changed, ended, .. } = activity;
        let all = [
            (created, SessionChange::Created),
            (rotated, SessionChange::Rotated),
            (changed, SessionChange::Changed),
            (ended, SessionChange::Ended),
        ];
        all.into_iter().filter_map(|(happened, change)| happened.then_some(change))
    }
}
