//! [`TokenArgs`]: what the caller knows about the token in the answer to a login.

use clap::Args;
use url::Url;

use sessctl::client::auth::TokenHints;
use sessctl::cookies::TokenHeader;

use super::failure::Failure;
use super::target;

#[derive(Debug, Args)]
pub(super) struct TokenArgs {
    /// Member with the token of the session
    ///
    /// A name or a JSON pointer, such as /data/key. Default: the member whose name says so, such as access_token.
    #[arg(long, value_name = "POINTER", requires = "endpoint")]
    token_field: Option<String>,
    /// Header that carries the token
    ///
    /// The token replaces {}. Default: 'Authorization: Bearer {}'.
    #[arg(long, value_name = "'NAME: {}'", requires = "endpoint", value_parser = header)]
    token_header: Option<TokenHeader>,
    /// Where to renew the token
    ///
    /// Default: as the answer, or the OpenID configuration of the server, says.
    #[arg(long, value_name = "URL or PATH", requires = "endpoint")]
    refresh_url: Option<String>,
}

fn header(text: &str) -> Result<TokenHeader, String> {
    text.parse().map_err(|_| "not a header with a place for the token; write \"X-Auth-Token: {}\"".to_owned())
}

impl TokenArgs {
    /// The hints for a login that starts at this URL.
    pub(super) fn hints(&self, start: &Url) -> Result<TokenHints, Failure> {
        let mut hints = TokenHints::default();
        hints.field.clone_from(&self.token_field);
        hints.header.clone_from(&self.token_header);
        hints.refresh_url =
            self.refresh_url.as_deref().map(|url| target::resolve(Some(url), start)).transpose()?;
        Ok(hints)
    }
}
