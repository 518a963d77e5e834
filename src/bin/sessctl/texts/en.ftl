# English. The library has its own English texts for rules, fixes and decisions; see `Texts::say_or`.

## The tour

tour-title = A tour of an HTTP session
tour-intro =
    HTTP is stateless: each request is independent, and nothing in it tells the server whether two requests come from
    the same client. A session lets the server remember a client. It is a record on the server. The client has only
    a token, a secret value that identifies the record. It stores the token in a cookie and sends the cookie with
    every request.
tour-server =
    This tour starts its own server at { $url } and acts as its client. It does not read or change your cookies. Below
    each step, you see what is stored on the client and on the server.
tour-signs = A sign marks what a step changed: + new, ~ changed, - removed.
tour-try-server = To try each step yourself, run this in another terminal:
tour-heading = { $number } of { $last } · { $title }
tour-try-step = Try it yourself:
tour-prompt = Press Enter for step { $next } of { $last }, or q to quit:
tour-probes =
    { $count ->
        [one] (and 1 more request, which only verified the result)
       *[other] (and { $count } more requests, which only verified the result)
    }
tour-minutes = { $minutes } min
tour-hours = { $hours } h
tour-hours-and-minutes = { $hours } h { $minutes } min

tour-event-deleted = - { $name }: you delete it
tour-event-replayed = with the old cookie of session { $session }:
tour-event-waited = { $pause } without a request

tour-on-client = On the client
tour-on-server = On the server
tour-nothing = nothing
tour-cookie-scope = sent to { $host }, path { $path }
tour-cookie-until-exit = until the browser closes
tour-session = session { $number } ({ $user })
tour-session-anonymous = anonymous
tour-session-handle = handle { $handle } (public ID)
tour-session-data = data: { $data }
tour-session-no-data = none
tour-session-expiry = expires if idle for { $idle }, or in { $absolute }

tour-form = The form in the page:
tour-body = The response body:
tour-other-headers =
    { $count ->
        [one] (and 1 more header, not relevant here)
       *[other] (and { $count } more headers, not relevant here)
    }
tour-attributes = The Set-Cookie header, part by part:
tour-attribute-token = the cookie's name and value; the value is the token: 256 random bits that nobody can guess
tour-attribute-httponly = scripts in the page cannot read it
tour-attribute-samesite = Lax: not sent with form posts or script requests from other sites
tour-attribute-path = sent with requests to this path and all paths below it: here, to every page
tour-attribute-absent = (no { $name })
tour-attribute-no-domain = sent to this host only, not to its subdomains
tour-attribute-no-secure = also sent over plain HTTP, which is acceptable only for a server on this machine
tour-attribute-no-max-age = has no Max-Age or Expires: the browser deletes it on exit

tour-first-visit-title = The first request
tour-first-visit-text =
    You request the start page. Nothing in the request says who you are. The server responds with the login page, sets
    no cookie and stores nothing.
tour-form-title = The login form
tour-form-text =
    A browser shows this form as the login page. The form defines the fields and the URL that they are sent to. This
    server asks only for a name; a real one also asks for a password.
tour-login-title = Login
tour-login-text =
    The client sends the form with username=alice. The server creates a new record, the session, and responds with a
    Set-Cookie header that contains the token. The client stores the token and follows the redirect.
tour-recognized-title = An authenticated request
tour-recognized-text =
    This is the request of step 1 with one more line: the Cookie header. With this line alone, the server finds the
    record and knows that you are alice.
tour-record-title = What each side stores
tour-record-text =
    The name and all data are on the server. The client has only the token, which reveals nothing by itself. The server
    does not store the token, only a hash of it. Someone who steals the records cannot log in with them.
tour-counter-title = State
tour-counter-text =
    The count is in the server's record, so the next request finds it there. The cookie does not change: it identifies
    the data, but does not contain it.
tour-deletion-title = Deleting the cookie
tour-deletion-text =
    Without the cookie, you are anonymous again: this client has lost its session. The server does not know that. It
    still has the record, and anyone with a copy of the token can use it.
tour-second-login-title = Logging in again
tour-second-login-text =
    You get a new record and a new token, and the count starts again. The server never issues a token twice. Otherwise
    someone who saw the old token, or planted it, could use your new session too (session fixation).
tour-logout-title = Logout
tour-logout-text =
    This time, the client tells the server. The server deletes the record of session 2. Its response also deletes the
    cookie, with a Set-Cookie header that expired in the past. Session 2 is gone on both sides.
tour-replay-title = Replaying the old cookies
tour-replay-text =
    Suppose someone copied your cookies. The cookie of session 2 opens nothing, because you logged out (401). The cookie
    of session 1 still works, because you only deleted it on the client (200). To end a session, log out.
tour-expiry-title = Expiry
tour-expiry-text =
    Session 1 is not used for 31 minutes (the tour advances the clock). This server ends sessions that are idle for 30
    minutes. The cookie is the same as in step 10, but its record is gone. Anyone who returns that late must log in
    again.

tour-end-title = What is stored where
tour-place-cookie = cookie
tour-place-storage = local storage
tour-place-session = server session
tour-question-holder = stored by
tour-question-readers = readable by
tour-question-end = ends
tour-question-purpose = used for
tour-table-cookie-holder = the client, which sends it with every request to its site
tour-table-cookie-readers = client and server; page scripts too, unless it is HttpOnly
tour-table-cookie-end = at its Max-Age or Expires, or else when the browser closes; or when it is deleted
tour-table-cookie-purpose = a token, or a small setting that the server needs
tour-table-storage-holder = the browser, which never sends it automatically
tour-table-storage-readers = every script of the page's origin, so never store a token there
tour-table-storage-end = when a script or the user deletes it
tour-table-storage-purpose = settings and drafts; in some applications the token, which a script sends in a header
tour-table-session-holder = the server; the client has only the token
tour-table-session-readers = only the server
tour-table-session-end = at logout or when it expires; the server decides
tour-table-session-purpose = who is logged in, and data that no client may change
tour-remember = Remember:
tour-remember-record = A session is a record on the server. The cookie contains only the token that opens it.
tour-remember-secret = Anyone who has the token can act as you. Keep it secret.
tour-remember-deletion =
    Deleting the cookie affects only this client. The session ends when you log out or when it expires.
tour-next = Continue on your own (run the first command in another terminal):

## The lessons

lesson-parties =
    The victim is alice, who uses a browser. The attacker is mallory. Below each step, you see what attacker, victim and
    server send and what they keep.
lesson-begins-weakened =
    First the attack on a server with the weakness { $weakness }, at { $url }. It is insecure on purpose.
lesson-begins-sound = Now the same steps with the sound server, at { $url }.
lesson-heading = { $server } · { $number } of { $last } · { $title }
lesson-server-weakened = Weakened server
lesson-server-sound = Sound server
lesson-attacker = attacker
lesson-victim = victim
lesson-server = server
lesson-sends = sends
lesson-keeps = keeps
lesson-to-victim = to the victim's browser: { $what }
lesson-to-attacker = to the attacker: { $what }
lesson-page = a page of { $origin } with { $form } and a script that submits it
lesson-withheld = (the browser withholds { $name }: { $reason })
lesson-difference = What makes the difference
lesson-seen = { $server }, in this run:
lesson-code = { $server }, in { $file }:
lesson-find-fault = Find the fault yourself (run the first command in another terminal):
lesson-test-own = Test your own application:
lesson-heading-name = lesson
lesson-heading-attack = attack
lesson-heading-weakness = weakness
lesson-heading-check = found by the check

lesson-step-plant-title = The attacker plants a token
lesson-step-plant-text =
    The attacker chooses a token and sets it as the session cookie in the victim's browser, for example from a page on a
    subdomain.
lesson-step-login-title = The victim logs in
lesson-step-login-text = The victim sends the login form. The server creates a session and responds with its token.
lesson-step-own-login-title = The attacker logs in
lesson-step-own-login-text = The attacker has an account, too. The server responds with a token for mallory.
lesson-step-script-title = A script reads the cookies
lesson-step-script-text =
    The victim opens a page into which the attacker has injected a script. The script sends document.cookie to the
    attacker: all cookies that scripts can read.
lesson-step-copy-title = The attacker copies the cookie
lesson-step-copy-text =
    The attacker gets a copy of the token, for example from a shared computer, a backup or a log. Nothing is sent to the
    server.
lesson-step-logout-title = The victim logs out
lesson-step-logout-text = The victim sends the logout form. The browser deletes the cookie.
lesson-step-open-title = The attacker opens the session
lesson-step-open-text = The attacker requests the session page with the token, from another machine.
lesson-step-reopen-title = The attacker tries again
lesson-step-reopen-text =
    The victim has logged out, and the server has deleted the session. A stolen token opens nothing then.
lesson-step-foreign-title = A page of another site sends a form
lesson-step-foreign-text =
    The victim opens a page of the attacker on another site. It posts a form to the counter of the application. The
    cookie has SameSite=Lax, so the browser withholds it: nothing is counted.
lesson-step-sibling-title = A page of the same site sends the form
lesson-step-sibling-text =
    The attacker moves the page to another application on the same host. A subdomain works, too. For SameSite, that is
    the same site, so the browser sends the cookie.
lesson-step-guess-title = The attacker guesses the token
lesson-step-guess-text =
    The clock of the server counts milliseconds. The attacker tries each millisecond since the login of mallory as a
    token, with one request for each. You see the last requests.
lesson-step-race-title = Many requests at the same time
lesson-step-race-text =
    The attacker sends several requests at once. The server accepts each, and each should add 1 to the count. The victim
    of this attack is the operator of the application, so alice does nothing.
lesson-step-count-title = The attacker looks at the count
lesson-step-count-text = The attacker requests the session page, which shows the count.

lesson-fixation-title = Session fixation
lesson-fixation-text =
    The attacker chooses a token and plants it in the victim's browser before the victim logs in. If the login keeps
    that token, it opens the victim's session for the attacker.
lesson-fixation-succeeds =
    The attack succeeds: the login kept the planted token, so the attacker is logged in as alice.
lesson-fixation-fails =
    The attack fails: the login issued a new token, so the planted one opens nothing.
lesson-fixation-fix = Issue a new token at every login. Never accept a token that the server has not issued.
lesson-theft-title = Theft of the token by a script
lesson-theft-text =
    A script that the attacker injects into a page (cross-site scripting, XSS) can read the cookies of that page. With
    the token, the attacker can use the session from another machine.
lesson-theft-succeeds =
    The attack succeeds: the cookie has no HttpOnly, so the script read the token, and the token opened the session.
lesson-theft-fails =
    The attack fails: the cookie is HttpOnly, so document.cookie does not contain it, and the attacker has no token.
lesson-theft-fix =
    Set HttpOnly on the session cookie. The script can still send requests from the victim's page, so also escape all
    text from users. If a token was stolen, a logout ends the session for the attacker, too.
lesson-replay-title = Replay of the token after logout
lesson-replay-text =
    Copies of a token can remain after a logout, for example in a log or in a backup. If the logout deletes only the
    cookie in the browser, a copy still opens the session.
lesson-replay-succeeds =
    The attack succeeds: the server still has the session, so the attacker is logged in as alice after her logout.
lesson-replay-fails = The attack fails: the logout ended the session on the server, so the copy opens nothing.
lesson-replay-fix = Delete the session on the server at logout. Deleting the cookie is not enough.
lesson-csrf-title = Cross-site request forgery (CSRF)
lesson-csrf-text =
    A browser may send the cookies of an application with requests that another page causes. So a page of the attacker
    can send a form in the name of the victim.
lesson-csrf-succeeds =
    The attack succeeds: the server did not check which page sent the form, so it counted in the session of alice.
lesson-csrf-fails = The attack fails: the server saw that another origin sent the form, and rejected it.
lesson-csrf-fix =
    Reject requests with unsafe methods whose Sec-Fetch-Site or Origin header names another origin, or use CSRF tokens.
    SameSite alone does not protect you from other applications of the same site.
lesson-prediction-title = Prediction of the token
lesson-prediction-text =
    Nobody must be able to guess a token. If it is a time or a counter, the attacker logs in, looks at the token, and
    computes the tokens of other users.
lesson-prediction-succeeds =
    The attack succeeds: the token of alice is the time of her login, and the attacker found it with a few requests.
lesson-prediction-fails = The attack fails: the token is random, so no guess is right.
lesson-prediction-fix = Create tokens from at least 128 random bits of the system's random source.
lesson-lost-update-title = Lost updates in a race
lesson-lost-update-text =
    If a server reads a value, changes it and writes it back, one of two changes at the same time can get lost. An
    attacker uses that to exceed a limit, for example to redeem a voucher several times.
lesson-lost-update-succeeds =
    The attack succeeds: the server accepted all requests, but the count does not contain all of them.
lesson-lost-update-fails = The attack fails: the server counted every request.
lesson-lost-update-fix =
    Change a stored value in one atomic operation, or under a lock. Do not read it, change it and write it back.

## Why

why-request = request to { $url }
why-response = response from { $url }
why-by-method = { $line }, method { $method }
why-from-page = { $line }, from a page of { $origin }
why-embedded = { $line }, embedded in a page of { $origin }
why-no-cookies = the jar has no cookies
why-label-scope = scope
why-scope = { $host }, path { $path }
why-label-rule = rule
why-label-fix = fix
why-label-also = also
why-label-expires = expires
why-label-flags = flags
why-label-note = note

## Inspect

inspect-title = Live traffic between client and server
inspect-noscript = This page needs JavaScript to show what the server sends.
inspect-pause = Pause
inspect-resume = Resume
inspect-clear = Clear
inspect-latest = Jump to latest
inspect-exchanges = Exchanges between client and server
inspect-client = Client
inspect-server = Server
inspect-changes = Changes
inspect-no-exchanges = No requests yet. Open the start page in another tab, or run:
inspect-sessions = Sessions on the server
inspect-no-sessions = No sessions: nobody is logged in.
inspect-user = User
inspect-idle = Idle timeout in
inspect-absolute = Absolute timeout in
inspect-data = Data
inspect-change = Change
inspect-headers = Headers
inspect-select = Select an exchange to see its headers. Click it, or use the arrow keys.

inspect-connecting = connecting
inspect-live = live
inspect-lost = the server does not respond; reconnecting
inspect-stopped = this server has stopped; a restarted server has a new URL
inspect-rate-all = { $all } requests per second
inspect-rate-some = showing { $shown } of { $all } requests per second
inspect-waiting = { $count } waiting
inspect-missed = this page was too slow and missed { $count } events
inspect-hidden = … { $count } more requests, not shown …
inspect-table-all = ({ $count })
inspect-table-some = (the first { $count })
inspect-table-unread = (the store does not respond)
inspect-anonymous = (anonymous)
inspect-new = created
inspect-used = used: idle timeout restarted
inspect-more-data = and { $count } more
inspect-data-changed = { $key }: { $old } → { $new }
inspect-data-new = { $key }: { $new }
inspect-change-created = session created
inspect-change-rotated = token rotated
inspect-change-changed = data changed
inspect-change-ended = session ended
inspect-ended-logout = ended by logout
inspect-ended-superseded = replaced by a new login
inspect-ended-revoked = revoked
inspect-ended-too-many = ended: too many sessions of this user
inspect-ended-not-admitted = ended: the account changed
inspect-ended-expired = expired
inspect-ended-gone = no longer in the store
inspect-exchange = Exchange #{ $number }
inspect-general = General
inspect-method = Method
inspect-target = Target
inspect-status = Status
inspect-time = Time
inspect-took = Duration
inspect-duration = { $ms } ms
inspect-session = Session
inspect-no-session = none
inspect-request-headers = Request headers
inspect-response-headers = Response headers

## The pages of the server

page-log-in = Log in
page-not-logged-in = You are not logged in: your request had no cookie of a live session.
page-name = Name
page-password = Password
page-welcome = Welcome
page-greeting = Welcome, { $name }!
page-session-facts = Your request contained the cookie of this session. The server stores the session:
page-handle = Handle
page-created = Created
page-last-used = Last used
page-idle-expiry = Expires if unused until
page-absolute-expiry = Expires at the latest
page-counter = Counter
page-counter-note = The server stores this number in your session. Each session has its own.
page-add-one = Add one
page-all-sessions = All your sessions
page-log-out = Log out
page-sessions = Your sessions
page-sessions-of = Sessions of { $name }
page-this-session = (this session)
page-end = End session
page-end-this = End this session
page-end-others = End all other sessions
page-logged-in-from = Logged in from
page-ago =
    { $unit ->
        [second] { $count ->
            [0] just now
            [1] 1 second ago
           *[other] { $count } seconds ago
        }
        [minute] { $count } minutes ago
        [hour] { $count } hours ago
       *[day] { $count } days ago
    }
page-unreadable-sessions = Sessions that this server cannot read: { $count }
page-more-sessions = More sessions
page-back = Back to the start page
page-allowed-methods = This URL accepts only { $methods } requests.

page-weakened = Insecure on purpose (serve --weaken { $names }): use this server only to learn and to test.
page-problem-unknown-user = There is no user with this name.
page-problem-form-type = Send the form as application/x-www-form-urlencoded.
page-problem-form-too-large = The form is too large.
page-problem-too-many-forms = Too many forms at once. Send them one after the other.
page-problem-form-unreadable = The form could not be read. Send it again.
page-problem-no-name = Enter a name (the form field username).
page-problem-name-with-controls = The name contains a control or invisible character. Enter it without such characters.
page-problem-long-name = The name is too long. Enter a shorter one.
page-problem-no-password = Enter a password (the form field password).
page-problem-wrong-password = The name or the password is wrong.
page-problem-too-many-attempts = Too many login attempts. Wait a moment, then try again.
page-problem-no-page = This page does not exist.
page-problem-bad-position = This is not a position in the list of your sessions. Open the list without the field after.
page-problem-no-session-named = Name the session to end in the form field handle, or send the field others to end all other sessions.
page-problem-no-such-session = You have no such session.
page-problem-session-ended = The session has ended. Log in again.
page-problem-session-conflict = The session contains a value that does not allow this change.
page-problem-store-unavailable = The session store does not respond. Try again later.
