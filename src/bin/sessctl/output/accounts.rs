//! The accounts of a server.

use super::style::Style;
use super::view::View;
use crate::app::accounts::Account;
use crate::json::{Json, json};

impl View for [Account] {
    fn document(&self) -> Json {
        let users = self.iter().map(|it| json!({ "name": it.name, "disabled": it.disabled }));
        json!({ "users": users.collect::<Json>() })
    }

    fn render(&self, style: &Style<'_>) -> String {
        let state = |it: &Account| if it.disabled { "  (disabled)" } else { "" };
        self.iter().map(|it| style.line(&format!("{}{}", it.name, state(it)))).collect()
    }

    fn remark(&self) -> Option<String> {
        self.is_empty().then(|| "the file has no accounts".to_owned())
    }
}
