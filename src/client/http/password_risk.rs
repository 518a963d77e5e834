//! [`PasswordRisk`]: why a password is not sent to an address.

use std::fmt;

/// Why a password is not sent to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PasswordRisk {
    /// The address is clear text, and a page or redirect on the way there was https.
    ClearText,
    /// The address is of another site than this one, and anyone on the network can forge a page or redirect on the way
    /// there.
    OtherSite(String),
    /// The address asks for it with HTTP Basic authentication over clear text: anyone on the network can forge that.
    Challenge,
}

impl fmt::Display for PasswordRisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PasswordRisk::Challenge => {
                f.write_str("it asks for it with HTTP Basic authentication in clear text")
            }
            PasswordRisk::ClearText => {
                f.write_str("this would send it in clear text, although https led there")
            }
            PasswordRisk::OtherSite(named) => {
                write!(f, "this is another site than {named}, and a page that is not https led there")
            }
        }
    }
}
