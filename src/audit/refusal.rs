//! [`Refusal`]: what a refused login shows.

use std::time::Duration;

use super::config::AuditAccount;
use super::observation::NotTested;
use super::random::random_text;
use super::traffic::Traffic;
use crate::client::UserAgent;
use crate::client::auth::FoundLogin;
use crate::cookies::Jar;

/// What a refused login shows.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// The status of the answer to the submission itself.
    pub(super) status: u16,
    /// The path of the page on which it ended.
    pub(super) path: String,
    /// The texts of that page, with `NAME` for the user name.
    pub(super) texts: Vec<String>,
    /// The time from the submission to its answer.
    pub(super) time: Duration,
    /// The cookies afterwards.
    pub(super) jar: Jar,
}

/// A password that the account does not have.
pub(super) fn wrong_password() -> Result<String, NotTested> {
    Ok(format!("Wrong-1-{}", random_text(12)?))
}

impl Refusal {
    /// Sends a wrong password for this user. Whether the login was refused, the caller decides.
    pub(super) async fn of(
        traffic: &mut Traffic,
        found: &FoundLogin,
        account: &AuditAccount,
        user: Option<&str>,
        agent: &mut UserAgent,
    ) -> Result<Refusal, NotTested> {
        let credentials = account.credentials_with(user, Some(wrong_password()?));
        let sent = traffic.trail.len();
        let submit = async |agent: &mut UserAgent| found.submit(agent, credentials).await;
        let answer = traffic.run(agent, submit).await?;
        let submission = traffic.trail.get(sent);
        let without_name = |text: &String| without_word(text, user.unwrap_or_default());
        Ok(Refusal {
            status: answer.status,
            path: answer.page.url.path().to_owned(),
            texts: answer.page.texts.iter().map(without_name).collect(),
            time: submission.map(|exchange| exchange.elapsed).unwrap_or_default(),
            jar: agent.jar().snapshot(),
        })
    }

    /// The reason if the server failed, or limits the rate of logins.
    pub(super) fn failure(&self) -> Option<NotTested> {
        match self.status {
            429 => Some(NotTested::target_failed(
                "the server limits the rate of logins (429): wait, and run the audit again",
            )),
            500.. => Some(NotTested::target_failed(format!("the login failed with status {}", self.status))),
            _ => None,
        }
    }
}

/// The text with `NAME` for each place where the name is a whole word.
fn without_word(text: &str, name: &str) -> String {
    let is_edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    let mut kept = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(name).filter(|_| !name.is_empty()) {
        let (before, after) = (&rest[..start], &rest[start + name.len()..]);
        let is_word =
            is_edge(before.chars().next_back().or(kept.chars().next_back())) && is_edge(after.chars().next());
        kept.push_str(before);
        kept.push_str(if is_word { "NAME" } else { name });
        rest = after;
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::without_word;

    #[test]
    fn only_whole_words_are_names() {
        for (text, name, expected) in [
            ("no user admin here", "admin", "no user NAME here"),
            ("administration of admin", "admin", "administration of NAME"),
            ("admin", "admin", "NAME"),
            ("text", "", "text"),
            ("alice@alice", "alice", "NAME@NAME"),
        ] {
            assert_eq!(without_word(text, name), expected);
        }
    }
}
