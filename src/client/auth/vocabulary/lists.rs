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
    forgot, forgotten, reset, resend, show, hide, cancel, back, google, facebook, github, apple, microsoft,
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

/// Codes that replace the usual one-time code.
pub(crate) const RECOVERY: &str =
    "recovery, backup, back-up, rescue, scratch, emergency, 복구, 백업, 復旧, 恢复, 备用";

/// Codes that are not one-time codes.
pub(crate) const OTHER_CODES: &str = "
    postal, post, zip, postcode, promo, coupon, voucher, discount, gift, country, area, referral,
    invite, language, currency, product, bar, qr, color, colour, source
";

/// Cookies that are not sessions: preferences, consent, statistics, load balancers.
pub(crate) const OTHER_COOKIES: &str = "
    lang, language, locale, i18n, theme, dark, darkmode, tz, timezone, currency, country, region, consent, gdpr,
    cookieconsent, cookies, analytics, tracking, track, tracker, visitor, ga, gid, gat, gcl au, fbp, utm, utma, utmz,
    experiment, variant, ab test, route, routeid, server, serverid, sticky, backend, awsalb, awsalbcors, cf bm
";

/// Headings of pages that ask for a further step after the password.
pub(crate) const STEP: &str = "
    two-factor, two factor, 2-step, two-step, two step, 2fa, mfa, multi-factor, verification, verify,
    one-time, one time, authenticator, security question, security key, confirm your identity,
    confirm it's you, confirm it’s you, approve, approval, new device, trusted device,
    choose a new password, password has expired, password expired, reset your password, reset password,
    change your password, update your password, second factor, another session,
    already logged in elsewhere, already logged on, logged on elsewhere, bestätigung, vérification, verificación, 인증, 確認, 验证,
    other session, already logged in, check your inbox, check your email, check your e-mail,
    sign-in link, login link, magic link, signed in elsewhere, this device,
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

/// Messages and status words of an answer that lets the user in.
pub(crate) const SUCCESS: &str = "
    success, successful, successfully, succeeded, authenticated, authorized, logged in, signed in,
    welcome, welcome back, accepted, login ok, login success, erfolgreich, erfolg, angemeldet,
    willkommen, réussi, réussie, succès, bienvenue, connecté, éxito, exitoso, exitosa, bienvenido,
    bienvenida, sucesso, bem-vindo, bem vindo, riuscito, riuscita, effettuato, effettuata, benvenuto,
    successo, gelukt, geslaagd, welkom, ingelogd, lyckades, inloggad, välkommen, vellykket, innlogget,
    velkommen, lykkedes, onnistui, tervetuloa, pomyślnie, zalogowano, witaj, úspěšně, úspěšné,
    přihlášen, uspješno, uspešno, успешно, успешный, успешен, добро пожаловать, успішно, başarılı,
    başarıyla, thành công, berhasil, 성공, 환영, 로그인되었습니다, 로그인했습니다, 成功, ログインしました,
    欢迎, 歡迎, نجاح, بنجاح, مرحبا, הצלחה, επιτυχία, επιτυχής, sikeres, sikeresen, succes, cu succes,
    สำเร็จ, सफल
";

/// Messages and status words of an answer that does not let the user in, besides those of [`REFUSAL`]. On a page, they may
/// be about something else.
pub(crate) const FAILURE: &str = "
    fail, fails, error, errors, refused, rejected, bad credentials, bad password, bad request, bad username,
    bad login, mismatch, unknown user, unknown email, unknown account, no such user, no user, no account,
    unauthorised, unauthenticated, inactive, expired, not found, not match, not exist, not registered,
    not correct, not permitted, not active, not activated, don't match, didn't match, doesn't exist,
    couldn't, could not, cannot, can't, unable, falsches, falsche, falscher, ungültige, ungültiges,
    ungültiger, fehler, nicht korrekt, nicht gefunden, stimmt nicht, stimmen nicht, incorrects, incorrectes,
    invalides, erreur, échoué, échouée, mauvais, introuvable, incorrectos, incorrectas, inválidos,
    inválidas, fallida, falló, erróneo, errónea, no coincide, no coinciden, no existe, não confere,
    não encontrado, incorreto, incorreta, incorretos, incorretas, falhou, falha, erro, errati, errate,
    errore, non valido, non valida, non validi, non valide, non riuscito, fallito, onjuist, onjuiste,
    ongeldig, ongeldige, mislukt, fout, foutief, verkeerd, geblokkeerd, fel, felaktig, felaktigt, ogiltig,
    ogiltigt, misslyckades, feil, ugyldig, mislyktes, forkert, mislykkedes, väärä, virheellinen, virhe,
    epäonnistui, błędny, błędna, błąd, nieprawidłowy, nieprawidłowa, niepoprawny, niepoprawne, nie powiodło,
    nesprávné, nesprávný, neplatné, neplatný, chybné, chyba, selhalo, neispravno, pogrešna, pogrešno,
    pogreška, greška, неверное, неверные, неверно, неправильное, неправильно, ошибка, не найден, отказано,
    невірний, невірно, помилка, yanlış, geçersiz, hata, başarısız, bulunamadı, sai, không đúng,
    không hợp lệ, thất bại, lỗi, salah, gagal, tidak valid, tidak cocok, 잘못, 오류, 없습니다, 잠금, 誤り, 誤って, 一致しません,
    エラー, 存在しません, ロックされ, 有误, 无效, 不匹配, 不存在, 冻结, 錯誤, 無效, 不正確, 鎖定, خطأ, خاطئ, خاطئة, غير صحيح, غير صحيحة, فشل,
    שגוי, שגויה, שגויים, שגיאה, λάθος, σφάλμα, αποτυχία, hibás, helytelen, érvénytelen, sikertelen, hiba,
    greșit, greșită, incorectă, invalidă, eroare, ไม่ถูกต้อง, ผิด, ล้มเหลว, गलत, अमान्य, विफल
";

/// Phrases with a word for success that say the opposite.
pub(crate) const NO_SUCCESS: &str = "
    not successful, unsuccessful, unsuccessfully, not logged in, not signed in, not authenticated,
    not authorized, not accepted, not a success, please log in, please login, please sign in,
    log in again, sign in again, nicht erfolgreich, nicht angemeldet, non connecté, no success,
    не успешно, 成功しません, 不成功, 未成功, 没有成功, 성공하지
";

/// Messages that ask for a second factor.
pub(crate) const SECOND_FACTOR: &str = "
    2fa, mfa, otp, totp, two-factor, two factor, twofactor, second factor, multi-factor, multi factor,
    2-step, two-step, one-time, one time, verification code, security code, authenticator, challenge,
    인증번호, 인증 코드, 確認コード, 認証コード, 验证码, код подтверждения
";

/// A refused login, on pages, in addresses, in messages and in status words.
pub(crate) const REFUSAL: &str = "
    locked, locked out, lockout, suspended, disabled, deactivated, blocked, banned, denied, forbidden, failed,
    failure, incorrect, invalid, wrong, not recognized, not recognised, unauthorized, not authorized,
    not allowed, no permission, unlock, unlocked, contact the administrator, contact your administrator,
    contact support, too many, did not match, do not match, doesn't match, does not match,
    try again, gesperrt, deaktiviert, fehlgeschlagen, falsch, ungültig, verweigert, bloqué, désactivé,
    suspendu, refusé, échec, incorrecte, invalide, bloqueada, bloqueado, suspendida, suspendido, incorrecta,
    incorrecto, inválido, inválida, denegado, fallido, bloccato, errata, errato, zablokowane, błędne,
    nieprawidłowe, заблокирован, заблокирована, неверный, неправильный, engellendi, hatalı, 잠겼, 잠김,
    잠긴, 정지, 실패, 틀렸, 틀린, 일치하지, 올바르지, 잘못된, 차단, 거부, ロック, 失敗, 正しくありません, 間違,
    停止, 無効, 拒否, 锁定, 失败, 错误, 密码错误, 停用, 禁用, 拒绝, 不正确
";

/// Consent to what another application may do, on pages of a provider.
pub(crate) const CONSENT: &str = "
    consent, authorize, authorise, allow, grant, grants, permission, permissions, access to, wants to,
    would like to, requests access, zulassen, autorisieren, zustimmen, autoriser, consentir, consentement,
    autorizar, permitir, consentimiento, autorizza, consenti, zezwól, разрешить, 동의, 허용, 승인, 권한, 許可, 同意,
    承認, 授权, 允许
";

/// Buttons that only continue.
pub(crate) const CONTINUE: &str = "
    continue, proceed, accept, agree, approve, confirm, yes, next, ok, weiter, fortfahren, akzeptieren,
    bestätigen, ja, continuer, accepter, confirmer, oui, continuar, aceptar, confirmar, continua, accetta,
    conferma, doorgaan, fortsätt, jatka, kontynuuj, продолжить, devam, 계속, 확인, 예, 続行, 続ける, はい, 继续, 确认
";

/// Buttons and fields of forms that change something of the user: their password is the current one.
pub(crate) const CHANGE: &str = "
    save, update, change, delete, remove, close my account, deactivate, current password, old password,
    oldpass, oldpassword, current pass, existing password, speichern, ändern, löschen, enregistrer, modifier,
    supprimer, guardar, cambiar, eliminar, salva, cambia, elimina, opslaan, wijzigen, zapisz, zmień, сохранить,
    изменить, удалить, kaydet, 저장, 변경, 수정, 삭제, 탈퇴, 현재 비밀번호, 保存, 変更, 削除, 修改, 更改, 删除
";

/// Buttons that close a message.
pub(crate) const DISMISS: &str =
    "ok, close, dismiss, got it, schließen, fermer, cerrar, chiudi, sluiten, 닫기, 閉じる, 关闭";

/// Missing tokens and cookies, in the words of servers.
pub(crate) const CSRF: &str = "csrf, xsrf, forgery, token, cookie, cookies, authenticity, session";
