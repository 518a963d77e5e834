//! Arguments of `users`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct UsersArgs {
    #[command(subcommand)]
    pub(crate) action: UsersAction,
}

/// Where a new password comes from: never from the command line.
#[derive(Debug, Args)]
pub(crate) struct NewPassword {
    /// Read the password from the first line of stdin [else: a prompt]
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UsersAction {
    /// Add an account; makes the file if there is none
    Add {
        /// The accounts
        file: PathBuf,
        /// The user
        name: String,
        #[command(flatten)]
        password: NewPassword,
    },
    /// Give an account another password; ends its sessions
    Passwd {
        /// The accounts
        file: PathBuf,
        /// The user
        name: String,
        #[command(flatten)]
        password: NewPassword,
    },
    /// Shut an account out; ends its sessions
    Disable {
        /// The accounts
        file: PathBuf,
        /// The user
        name: String,
    },
    /// Let an account in again
    Enable {
        /// The accounts
        file: PathBuf,
        /// The user
        name: String,
    },
    /// Remove an account; ends its sessions
    Remove {
        /// The accounts
        file: PathBuf,
        /// The user
        name: String,
    },
    /// List the accounts
    List {
        /// The accounts
        file: PathBuf,
    },
}
