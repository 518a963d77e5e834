//! [`TokenKeeper`]: where the token sessions of a user agent are kept, and how they are shown.

use crate::client::profile::token_file::TokenFile;

/// Where the token sessions of a user agent are kept, and how they are shown.
#[derive(Debug, Clone, Default)]
pub(super) struct TokenKeeper {
    /// Without a file, tokens are neither saved nor renewed.
    pub(super) file: Option<TokenFile>,
    /// The key of the hashes that the flow shows instead of tokens.
    pub(super) key: Option<[u8; 16]>,
}

impl TokenKeeper {
    pub(super) fn without_file(&self) -> Self {
        TokenKeeper { file: None, key: self.key }
    }
}
