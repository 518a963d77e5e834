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

/// What a logout is called.
const LOGOUT: &[&str] = &[
    "log out",
    "logout",
    "log off",
    "logoff",
    "sign out",
    "signout",
    "sign-out",
    "log-out",
    "abmelden",
    "ausloggen",
    "déconnexion",
    "deconnexion",
    "se déconnecter",
    "cerrar sesión",
    "cerrar sesion",
    "salir",
    "sair",
    "terminar sessão",
    "esci",
    "disconnetti",
    "uitloggen",
    "afmelden",
    "logga ut",
    "logg ut",
    "log ud",
    "kirjaudu ulos",
    "wyloguj",
    "odhlásit",
    "odhlasit",
    "выйти",
    "выход",
    "вийти",
    "çıkış",
    "đăng xuất",
    "keluar",
    "로그아웃",
    "ログアウト",
    "サインアウト",
    "退出",
    "注销",
    "登出",
    "تسجيل الخروج",
    "יציאה",
    "αποσύνδεση",
    "kijelentkezés",
    "ออกจากระบบ",
    "लॉग आउट",
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
const OTHER_USES: &[&str] =
    &["search", "query", "newsletter", "subscribe", "suche", "recherche", "buscar", "검색", "検索", "搜索"];

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

/// Whether a text speaks of logging out.
pub(crate) fn speaks_of_logout(text: &str) -> bool {
    mentions(text, LOGOUT)
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
const CODE: &[&str] =
    &["code", "otp", "totp", "2fa", "mfa", "one time code", "verification code", "passcode"];

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
            separated.extend(c.to_lowercase())
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
