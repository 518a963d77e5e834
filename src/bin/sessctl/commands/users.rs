//! `users`: the accounts of a server.

use serde_json::json;

use super::exit::{Outcome, survive_size_limit};
use super::password_source;
use crate::app::accounts::AccountsFile;
use crate::cli::{UsersAction, UsersArgs};
use crate::output::Output;

pub(super) fn run(args: &UsersArgs, output: &mut Output) -> Outcome {
    survive_size_limit();
    let done = match &args.action {
        UsersAction::Add { file, name, password } => {
            let password = password_source::new(password.password_stdin, output.can_prompt())?;
            AccountsFile::new(file).add(name, &password)?;
            format!("{name} is added")
        }
        UsersAction::Passwd { file, name, password } => {
            let password = password_source::new(password.password_stdin, output.can_prompt())?;
            AccountsFile::new(file).set_password(name, &password)?;
            format!("{name} has a new password; sessions of the old one end")
        }
        UsersAction::Disable { file, name } => {
            AccountsFile::new(file).set_disabled(name, true)?;
            format!("{name} is shut out; the sessions end")
        }
        UsersAction::Enable { file, name } => {
            AccountsFile::new(file).set_disabled(name, false)?;
            format!("{name} is let in again")
        }
        UsersAction::Remove { file, name } => {
            AccountsFile::new(file).remove(name)?;
            format!("{name} is removed; the sessions end")
        }
        UsersAction::List { file } => {
            let accounts = AccountsFile::new(file).read()?;
            if output.is_json() {
                let users: Vec<_> = accounts
                    .iter()
                    .map(|account| json!({ "name": account.name, "disabled": account.disabled }))
                    .collect();
                output.answer_json(&json!({ "users": users }));
            } else if accounts.is_empty() {
                output.info("there are no accounts");
            } else {
                for account in &accounts {
                    let remark = if account.disabled { "  (shut out)" } else { "" };
                    output.answer(&format!("{}{remark}", account.name));
                }
            }
            return Ok(());
        }
    };
    output.info(&done);
    Ok(())
}
