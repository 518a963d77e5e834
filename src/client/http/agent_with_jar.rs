//! [`UserAgent::with_jar`]: another client of the same application.

use super::agent::UserAgent;
use crate::cookies::Jar;

impl UserAgent {
    /// A client with other cookies and a flow of its own, and with the settings, headers, credentials and connections of
    /// this one. It knows that the server has started.
    pub(crate) fn with_jar(&self, jar: Jar) -> UserAgent {
        let mut agent = UserAgent::new(self.config.clone(), jar);
        agent.transport = self.transport.clone();
        agent.wait.is_ready = true;
        agent.allows_insecure_password = self.allows_insecure_password;
        agent.origin_headers.clone_from(&self.origin_headers);
        agent.basic.clone_from(&self.basic);
        agent.redactor = self.redactor.clone();
        agent.tokens = self.tokens.without_file();
        agent
    }
}
