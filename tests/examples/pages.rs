//! The pages and accounts of the example applications. They do not depend on a framework or on sessions.

#![allow(unreachable_pub, missing_docs, reason = "a module of examples")]

/// What the shop sells. Only these are put into a cart, so no page shows text that a client chose.
pub const BOOKS: [&str; 3] = ["Dune", "Emma", "Ulysses"];

/// Names and passwords. A real application stores hashes of passwords, for example of Argon2.
pub const USERS: &[(&str, &str)] = &[("alice", "correct horse"), ("bob", "battery staple")];
pub const ADMINS: &[(&str, &str)] = &[("root", "paper clip")];

pub const WRONG_PASSWORD: &str = "Wrong name or password.";
pub const EXPIRED_FORM: &str = "This form has expired. Please try again.";

pub fn is_account(accounts: &[(&str, &str)], user: &str, password: &str) -> bool {
    accounts.contains(&(user, password))
}

/// What the start page shows.
pub struct Start<'a> {
    pub user: Option<&'a str>,
    pub messages: Vec<String>,
    pub visits: i64,
    pub cart: Vec<String>,
    pub csrf_token: &'a str,
}

impl Start<'_> {
    pub fn page(&self) -> String {
        let messages: String =
            self.messages.iter().map(|text| format!("<p role=status>{text}</p>")).collect();
        let greeting = match self.user {
            Some(user) => format!(
                "<p>Hello, {user}! <a href=/account>Your account</a></p>{}",
                form("/logout", self.csrf_token, "<button>Log out</button>")
            ),
            None => "<p>Hello, guest! <a href=/login>Log in</a></p>".to_owned(),
        };
        let books: String = BOOKS.iter().map(|book| format!("<option>{book}</option>")).collect();
        let shop = format!("<select name=book>{books}</select> <button>Put into the cart</button>");
        let visits = self.visits;
        let cart = self.cart.join(", ");
        let shop = form("/cart", self.csrf_token, &shop);
        layout(
            "The book shop",
            &format!("{messages}{greeting}<p>Visit {visits}</p><p>Cart: {cart}</p>{shop}"),
        )
    }
}

/// A login page. The form has no `action`, so it is sent to the URL of the page, with its `next`.
pub fn login(title: &str, csrf_token: &str, error: Option<&str>) -> String {
    let error = error.map(|error| format!("<p role=alert>{error}</p>")).unwrap_or_default();
    let fields = "<p><label>Name <input name=user autocomplete=username required></label></p>
        <p><label>Password <input name=password type=password autocomplete=current-password required></label></p>
        <p><label><input name=remember type=checkbox> Keep me logged in</label></p>
        <button>Log in</button>";
    let form = format!("<form method=post>{}{fields}</form>", hidden(csrf_token));
    layout(title, &format!("{error}{form}"))
}

pub fn account(user: &str) -> String {
    layout("Your account", &format!("<p>You are logged in as {user}.</p>"))
}

pub fn admin_area(admin: &str, csrf_token: &str) -> String {
    let log_out = form("/admin/logout", csrf_token, "<button>Log out</button>");
    layout("Admin area", &format!("<p>You are logged in as the admin {admin}.</p>{log_out}"))
}

fn form(action: &str, csrf_token: &str, content: &str) -> String {
    format!("<form action={action} method=post>{}{content}</form>", hidden(csrf_token))
}

fn hidden(csrf_token: &str) -> String {
    format!("<input type=hidden name=csrf_token value={csrf_token}>")
}

fn layout(title: &str, content: &str) -> String {
    format!("<!doctype html>\n<html lang=en>\n<title>{title}</title>\n<h1>{title}</h1>\n{content}\n</html>\n")
}
