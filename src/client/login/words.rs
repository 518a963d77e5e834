//! The words by which pages call logging in and out, users and passwords, in the languages most used on the
//! web. All in lower case.

/// What a login is called on buttons, links and in addresses.
const LOGIN: &[&str] = &[
    "log in",
    "login",
    "log on",
    "logon",
    "sign in",
    "signin",
    "sign-in",
    "log-in",
    "authenticate",
    "anmelden",
    "einloggen",
    "connexion",
    "se connecter",
    "iniciar sesión",
    "iniciar sesion",
    "acceder",
    "entrar",
    "accedi",
    "inloggen",
    "aanmelden",
    "logga in",
    "logg inn",
    "log ind",
    "kirjaudu",
    "zaloguj",
    "přihlásit",
    "prihlasit",
    "prijava",
    "prijavi se",
    "войти",
    "вход",
    "увійти",
    "giriş",
    "đăng nhập",
    "masuk",
    "로그인",
    "ログイン",
    "サインイン",
    "登录",
    "登入",
    "登錄",
    "تسجيل الدخول",
    "כניסה",
    "σύνδεση",
    "bejelentkezés",
    "autentificare",
    "เข้าสู่ระบบ",
    "लॉग इन",
];

/// What a logout is called, and nothing else is.
const LOGOUT: &[&str] = &[
    "log out",
    "logout",
    "log off",
    "logoff",
    "sign out",
    "signout",
    "sign-out",
    "log-out",
    "ausloggen",
    "déconnexion",
    "deconnexion",
    "se déconnecter",
    "cerrar sesión",
    "cerrar sesion",
    "terminar sessão",
    "uitloggen",
    "logga ut",
    "logg ut",
    "log ud",
    "kirjaudu ulos",
    "wyloguj",
    "odhlásit",
    "odhlasit",
    "đăng xuất",
    "로그아웃",
    "ログアウト",
    "サインアウト",
    "登出",
    "تسجيل الخروج",
    "יציאה",
    "αποσύνδεση",
    "kijelentkezés",
    "ออกจากระบบ",
    "लॉग आउट",
    "deconectare",
    "odjava",
    "odjavi se",
];

/// What a logout is called, and other things are too: leaving a group, an event, a program.
const LEAVING: &[&str] = &[
    "salir",
    "sair",
    "esci",
    "disconnetti",
    "abmelden",
    "afmelden",
    "выйти",
    "выход",
    "вийти",
    "çıkış",
    "keluar",
    "退出",
    "注销",
    "leave",
    "exit",
];

/// What opening an account is called: forms for that have passwords too.
const REGISTER: &[&str] = &[
    "register",
    "registration",
    "sign up",
    "signup",
    "sign-up",
    "create account",
    "create an account",
    "create your account",
    "create my account",
    "new account",
    "create a password",
    "choose a password",
    "get started",
    "join",
    "registrieren",
    "konto erstellen",
    "inscription",
    "s'inscrire",
    "registrarse",
    "crear cuenta",
    "registrati",
    "cadastro",
    "cadastre",
    "registreren",
    "zarejestruj",
    "регистрация",
    "kayıt ol",
    "đăng ký",
    "회원가입",
    "新規登録",
    "会員登録",
    "注册",
    "註冊",
];

/// What a user's name is called.
const USER: &[&str] = &[
    "username",
    "user name",
    "user",
    "user_id",
    "userid",
    "uid",
    "login",
    "email",
    "e-mail",
    "mail",
    "account",
    "identifier",
    "identifiant",
    "benutzer",
    "benutzername",
    "nutzername",
    "utilisateur",
    "usuario",
    "usuário",
    "utente",
    "gebruiker",
    "gebruikersnaam",
    "användare",
    "bruker",
    "bruger",
    "käyttäjä",
    "użytkownik",
    "uživatel",
    "пользователь",
    "имя пользователя",
    "логин",
    "користувач",
    "kullanıcı",
    "người dùng",
    "tên đăng nhập",
    "pengguna",
    "아이디",
    "이메일",
    "사용자",
    "이름",
    "ユーザー",
    "メール",
    "用户名",
    "用户",
    "帳號",
    "账号",
    "邮箱",
    "البريد",
    "المستخدم",
    "משתמש",
    "χρήστη",
    "felhasználó",
];

/// What a search or a newsletter is called: text fields that are nobody's name.
const OTHER_USES: &[&str] = &[
    "search",
    "query",
    "newsletter",
    "subscribe",
    "updates",
    "stay in touch",
    "forgot",
    "forgotten",
    "reset",
    "recover",
    "suche",
    "recherche",
    "buscar",
    "검색",
    "検索",
    "搜索",
];

/// What buttons beside the one that logs in do: help, other ways in.
const OTHER_BUTTONS: &[&str] = &[
    "forgot",
    "forgotten",
    "reset",
    "show",
    "hide",
    "cancel",
    "back",
    "google",
    "facebook",
    "github",
    "apple",
    "microsoft",
    "twitter",
    "sso",
    "saml",
    "passkey",
    "kakao",
    "naver",
    "vergessen",
    "oublié",
    "olvidé",
    "찾기",
    "취소",
    "忘れ",
    "忘记",
];

/// Whether a text is that of a button beside the one that logs in.
pub(super) fn speaks_of_other_ways(text: &str) -> bool {
    mentions(text, OTHER_BUTTONS) || mentions(text, REGISTER)
}

/// Whether a text speaks of logging in.
pub(crate) fn speaks_of_login(text: &str) -> bool {
    mentions(text, LOGIN)
}

/// Whether a text is nothing but a word for logging in.
pub(super) fn is_login(text: &str) -> bool {
    is_just(text, LOGIN)
}

/// Whether a text speaks of logging out: in a word for nothing else, or in one that is all of the text.
pub(crate) fn speaks_of_logout(text: &str) -> bool {
    mentions(text, LOGOUT) || is_just(text, LEAVING)
}

/// Whether an address speaks of logging out, in any of the words for it.
pub(super) fn is_about_logout(path: &str) -> bool {
    mentions(path, LOGOUT) || mentions(path, LEAVING)
}

/// Whether a text is nothing but a word for logging out.
pub(super) fn is_logout(text: &str) -> bool {
    is_just(text, LOGOUT) || is_just(text, LEAVING)
}

/// What leads to the page of one's own, which asks strangers who they are.
const ACCOUNT: &[&str] = &[
    "my account",
    "account",
    "mein konto",
    "mon compte",
    "mi cuenta",
    "il mio account",
    "내 계정",
    "마이페이지",
    "マイページ",
];

/// Whether a text is what leads to the page of one's own.
pub(super) fn is_the_account(text: &str) -> bool {
    is_just(text, ACCOUNT)
}

/// Whether a text is one of the words and nothing else, signs aside.
fn is_just(text: &str, words: &[&str]) -> bool {
    let text = separated(text);
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    words.contains(&text)
}

/// Whether a text speaks of opening an account.
pub(super) fn speaks_of_registering(text: &str) -> bool {
    mentions(text, REGISTER)
}

/// Whether a text names a user.
pub(super) fn speaks_of_user(text: &str) -> bool {
    mentions(text, USER)
}

/// What a code of one use is called in the names of fields.
const CODE: &[&str] = &[
    "code",
    "otp",
    "totp",
    "2fa",
    "mfa",
    "one time code",
    "one-time code",
    "verification code",
    "passcode",
    "authenticator",
    "two factor",
    "twofactor",
    "security code",
    "인증번호",
    "인증 코드",
    "確認コード",
    "验证码",
    "код",
];

/// Codes that everybody has.
const OTHER_CODES: &[&str] = &[
    "postal", "post", "zip", "postcode", "promo", "coupon", "voucher", "discount", "gift", "country", "area",
    "referral", "invite", "language", "currency", "product", "bar", "qr", "color", "colour", "source",
];

/// What a page is called that wants something more after the password.
const STEP: &[&str] = &[
    "two-factor",
    "two factor",
    "2-step",
    "two-step",
    "two step",
    "2fa",
    "mfa",
    "multi-factor",
    "verification",
    "verify",
    "one-time",
    "one time",
    "authenticator",
    "security question",
    "security key",
    "confirm your identity",
    "confirm it's you",
    "confirm it’s you",
    "approve",
    "approval",
    "new device",
    "trusted device",
    "choose a new password",
    "password has expired",
    "password expired",
    "change your password",
    "update your password",
    "second factor",
    "another session",
    "already logged in elsewhere",
    "bestätigung",
    "vérification",
    "verificación",
    "인증",
    "確認",
    "验证",
];

/// Whether a text speaks of a step after the password.
pub(super) fn speaks_of_step(text: &str) -> bool {
    mentions(text, STEP)
}

/// Whether the name of a field is that of a code of another kind.
pub(super) fn speaks_of_other_codes(text: &str) -> bool {
    mentions(text, OTHER_CODES)
}

/// What logs out more than this client.
const EVERYWHERE: &[&str] = &[
    "all",
    "other",
    "others",
    "everywhere",
    "devices",
    "sessions",
    "logoutall",
    "logoutothers",
    "überall",
    "모든",
    "全て",
];

/// Whether the name of a field is that of a code of one use.
pub(super) fn speaks_of_code(text: &str) -> bool {
    mentions(text, CODE)
}

/// What explains things.
const HELP: &[&str] =
    &["help", "faq", "docs", "support", "hilfe", "aide", "ayuda", "how", "why", "article", "blog"];

/// Whether a text is about explaining things.
pub(super) fn speaks_of_help(text: &str) -> bool {
    mentions(text, HELP)
}

/// Whether a text speaks of logging out elsewhere too.
pub(super) fn speaks_of_everywhere(text: &str) -> bool {
    mentions(text, EVERYWHERE)
}

/// Whether a text speaks of a search or a newsletter.
pub(super) fn speaks_of_other_uses(text: &str) -> bool {
    mentions(text, OTHER_USES)
}

/// Whether one of the words is in the text: as a whole word in scripts that set words apart, anywhere in those
/// that do not.
fn mentions(text: &str, words: &[&str]) -> bool {
    let text = separated(text);
    words.iter().any(|word| {
        let set_apart = !word.chars().any(is_written_without_spaces);
        text.match_indices(word).any(|(start, found)| {
            let before = text[..start].chars().next_back();
            let after = text[start + found.len()..].chars().next();
            !set_apart
                || !(before.is_some_and(char::is_alphanumeric) || after.is_some_and(char::is_alphanumeric))
        })
    })
}

/// Thai, Hangul (which joins endings to words), kana and Chinese characters.
fn is_written_without_spaces(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0E7F}' | '\u{1100}'..='\u{11FF}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}')
}

/// In lower case, with `camelCase` taken apart, and signs that join words in names made spaces too.
fn separated(text: &str) -> String {
    let mut separated = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        if before.is_lowercase() && c.is_uppercase() {
            separated.push(' ');
        }
        if c == '_' {
            separated.push(' ')
        } else {
            // The dot that Turkish has over its capital I is none of another letter in lower case.
            separated.extend(c.to_lowercase().filter(|c| *c != '\u{307}'));
        }
        before = c;
    }
    separated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_texts_names_and_addresses() {
        for text in [
            "Log in",
            "/accounts/login/",
            "btnSignIn",
            "user_login",
            "로그인하기",
            "Jetzt anmelden!",
            "Войти",
        ] {
            assert!(speaks_of_login(text), "{text}");
        }
        for text in ["Catalogin", "blog inside", "/news/", "входящие"] {
            assert!(!speaks_of_login(text), "{text}");
        }
        assert!(
            speaks_of_logout("/Account/LogOff") && speaks_of_logout("Abmelden") && !speaks_of_logout("Login")
        );
        assert!(speaks_of_user("user_name") && speaks_of_user("아이디") && !speaks_of_user("superuserious"));
    }
}
