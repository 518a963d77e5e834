//! `users`: manages a server's accounts file.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::command::{Command, Context, Group};
use super::failure::Outcome;
use super::password_source;
use crate::app::accounts::AccountsFile;
use crate::output::Output;

#[derive(Debug, Args)]
pub(super) struct UsersArgs {
    #[command(subcommand)]
    action: UsersAction,
}

/// The account that a change is about.
#[derive(Debug, Args)]
struct AccountArgs {
    /// Accounts file
    file: PathBuf,
    /// User name
    name: String,
}

#[derive(Debug, Args)]
struct NewPasswordArgs {
    #[command(flatten)]
    account: AccountArgs,
    /// Read the password from stdin [else: prompt]
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Subcommand)]
enum UsersAction {
    /// Add an account; creates the file if it does not exist
    Add(NewPasswordArgs),
    /// Change an account's password; ends its sessions
    Passwd(NewPasswordArgs),
    /// Disable an account; ends its sessions
    Disable(AccountArgs),
    /// Enable an account again
    Enable(AccountArgs),
    /// Remove an account; ends its sessions
    Remove(AccountArgs),
    /// List the accounts
    List {
        /// Accounts file
        file: PathBuf,
    },
}

impl Command for UsersArgs {
    const NAME: &'static str = "users";
    const GROUP: Group = Group::Server;
    const ABOUT: &'static str = "Manage a server's accounts";
    const EXAMPLES: &'static str = "  \
  sessctl users add accounts.json alice          asks for the password
  echo \"$PASSWORD\" | sessctl users add accounts.json ci --password-stdin
  sessctl users disable accounts.json alice
  sessctl serve --users accounts.json";

    fn run(self, _: &Context, output: &mut Output) -> Outcome {
        let new_password = |from_stdin: bool| password_source::new_password(from_stdin, output.can_prompt());
        let done = match self.action {
            UsersAction::Add(NewPasswordArgs { account: AccountArgs { file, name }, password_stdin }) => {
                let password = new_password(password_stdin)?;
                AccountsFile::new(&file).add(&name, &password)?;
                format!("added {name}")
            }
            UsersAction::Passwd(NewPasswordArgs { account: AccountArgs { file, name }, password_stdin }) => {
                let password = new_password(password_stdin)?;
                AccountsFile::new(&file).set_password(&name, &password)?;
                format!("changed the password of {name}; sessions with the old one end")
            }
            UsersAction::Disable(AccountArgs { file, name }) => {
                AccountsFile::new(&file).set_disabled(&name, true)?;
                format!("disabled {name}; its sessions end")
            }
            UsersAction::Enable(AccountArgs { file, name }) => {
                AccountsFile::new(&file).set_disabled(&name, false)?;
                format!("enabled {name}")
            }
            UsersAction::Remove(AccountArgs { file, name }) => {
                AccountsFile::new(&file).remove(&name)?;
                format!("removed {name}; its sessions end")
            }
            UsersAction::List { file } => {
                output.print(&AccountsFile::new(&file).read()?[..]);
                return Ok(());
            }
        };
        output.info(&done);
        Ok(())
    }
}
