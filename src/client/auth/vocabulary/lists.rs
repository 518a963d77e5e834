//! The lists of words, in the languages most used on the web. All words are in lower case, separated by commas.

/// Login, on buttons, on links and in addresses.
pub(crate) const LOGIN: &str = "
    log in, login, log on, logon, sign in, signin, sign-in, log-in, authenticate, anmelden, einloggen,
    connexion, se connecter, iniciar sesión, iniciar sesion, acceder, entrar, accedi, inloggen,
    aanmelden, logga in, logg inn, log ind, kirjaudu, zaloguj, přihlásit, prihlasit, prijava,
    prijavi se, войти, вход, увійти, giriş, đăng nhập, masuk, 로그인, ログイン, サインイン, 登录, 登入,
    登錄, تسجيل الدخول, כניסה, σύνδεση, bejelentkezés, autentificare, เข้าสู่ระบบ, लॉग इन
";

/// Logout, unambiguous.
pub(crate) const LOGOUT: &str = "
    log out, logout, log off, logoff, sign out, signout, sign-out, log-out, ausloggen, déconnexion,
    deconnexion, se déconnecter, cerrar sesión, cerrar sesion, terminar sessão, uitloggen, logga ut,
    logg ut, log ud, kirjaudu ulos, wyloguj, odhlásit, odhlasit, đăng xuất, 로그아웃, ログアウト,
    サインアウト, 登出, 退出登录, 退出登錄, 注销登录, 退出账号, تسجيل الخروج, יציאה, αποσύνδεση,
    kijelentkezés, ออกจากระบบ, लॉग आउट, deconectare, odjava, odjavi se
";

/// Logout, or leaving something else: a group, an event, a program.
pub(crate) const LEAVING: &str = "
    salir, sair, esci, disconnetti, abmelden, afmelden, выйти, выход, вийти, çıkış, çikiş, keluar, 退出,
    注销, leave, exit
";

/// Registration. Its forms have password fields too.
pub(crate) const REGISTER: &str = "
    register, registration, sign up, signup, sign-up, create account, create an account,
    create your account, create my account, new account, create a password, choose a password,
    get started, join, registrieren, konto erstellen, inscription, s'inscrire, registrarse,
    crear cuenta, registrati, cadastro, cadastre, registreren, zarejestruj, регистрация, kayıt ol,
    đăng ký, 회원가입, 新規登録, 会員登録, 注册, 註冊
";

/// Names and labels of user name fields.
pub(crate) const USER: &str = "
    username, user name, user, user_id, userid, uid, login, email, e-mail, mail, account, identifier,
    identifiant, benutzer, benutzername, nutzername, utilisateur, usuario, usuário, utente, gebruiker,
    gebruikersnaam, användare, bruker, bruger, käyttäjä, użytkownik, uživatel, пользователь,
    имя пользователя, логин, користувач, kullanıcı, người dùng, tên đăng nhập, pengguna, 아이디,
    이메일, 사용자, 이름, ユーザー, メール, 用户名, 用户, 帳號, 账号, 邮箱, البريد, المستخدم, משתמש,
    χρήστη, felhasználó
";

/// Searches, newsletters and password recovery: their text fields are not user names.
pub(crate) const OTHER_USES: &str = "
    search, query, newsletter, subscribe, updates, stay in touch, forgot, forgotten, reset, recover,
    suche, recherche, buscar, 검색, 検索, 搜索
";

/// Buttons beside the login button: help, and other login methods.
pub(crate) const OTHER_BUTTONS: &str = "
    forgot, forgotten, reset, show, hide, cancel, back, google, facebook, github, apple, microsoft,
    twitter, sso, saml, passkey, kakao, naver, vergessen, oublié, olvidé, 찾기, 취소, 忘れ, 忘记
";

/// Links to the account page, which shows a login form to anonymous users.
pub(crate) const ACCOUNT: &str = "
    my account, account, mein konto, mon compte, mi cuenta, il mio account, 내 계정, 마이페이지,
    マイページ
";

/// Names of fields for a one-time code.
pub(crate) const CODE: &str = "
    code, otp, totp, 2fa, mfa, one time code, one-time code, verification code, passcode, authenticator,
    two factor, twofactor, security code, 인증번호, 인증 코드, 確認コード, 验证码, код
";

/// Codes that are not one-time codes.
pub(crate) const OTHER_CODES: &str = "
    postal, post, zip, postcode, promo, coupon, voucher, discount, gift, country, area, referral,
    invite, language, currency, product, bar, qr, color, colour, source
";

/// Headings of pages that ask for a further step after the password.
pub(crate) const STEP: &str = "
    two-factor, two factor, 2-step, two-step, two step, 2fa, mfa, multi-factor, verification, verify,
    one-time, one time, authenticator, security question, security key, confirm your identity,
    confirm it's you, confirm it’s you, approve, approval, new device, trusted device,
    choose a new password, password has expired, password expired, reset your password, reset password,
    change your password, update your password, second factor, another session,
    already logged in elsewhere, bestätigung, vérification, verificación, 인증, 確認, 验证,
    other session, already logged in, check your inbox, signed in elsewhere, this device,
    trouble signing in, we sent, sent you, get the code, the code, a code
";

/// Controls that log out other clients too.
pub(crate) const EVERYWHERE: &str = "
    all, other, others, everywhere, devices, sessions, logoutall, logoutothers, überall, 모든, 全て
";

/// Links to explanations.
pub(crate) const HELP: &str = "
    help, faq, docs, support, hilfe, aide, ayuda, how, why, article, blog
";
