# English. What the library says itself (rules, fixes, decisions) is not here: see `Texts::say_or`.

## The tour

tour-title = A tour of an HTTP session
tour-intro =
    HTTP forgets: each request stands alone, and nothing in it tells the server whether two requests come from one
    person. A session is how a server remembers: a record that it keeps about one client. The client keeps only a
    token, a secret that stands for the record. It keeps the token in a cookie, and sends that cookie with every
    request.
tour-server =
    This tour has started a server of its own at { $url } and is its client. Your own cookies are neither read nor
    changed. Under each step stands what both sides keep.
tour-signs = What a step changed has a sign: + new, ~ changed, - gone.
tour-heading = { $number } of { $last } · { $title }
tour-by-hand = by hand:
tour-prompt = Enter: on to step { $next } of { $last }; q: end
tour-compared =
    { $count ->
        [one] (and 1 more request, which only checked how it went)
       *[other] (and { $count } more requests, which only checked how it went)
    }
tour-minutes = { $minutes } min
tour-hours = { $hours } h
tour-hours-and-minutes = { $hours } h { $minutes } min

tour-event-deleted = - { $name }: you delete it
tour-event-replayed = with the old cookie of session { $session }:
tour-event-waited = { $pause } pass without a request

tour-client-keeps = the client keeps
tour-server-keeps = the server keeps
tour-nothing = nothing
tour-cookie-place = goes to { $host }, path { $path }
tour-cookie-ends-with-browser = until the browser is closed
tour-session = session { $number } of { $user }
tour-session-of-nobody = nobody
tour-session-handle = handle { $handle } (its public name)
tour-session-data = data: { $data }
tour-session-no-data = none
tour-session-ends = ends after { $idle } without use, or in { $absolute }

tour-form = the form in the page:
tour-answer = the answer:
tour-other-headers =
    { $count ->
        [one] (and 1 more header, which does not matter here)
       *[other] (and { $count } more headers, which do not matter here)
    }
tour-pieces = Set-Cookie, piece by piece:
tour-piece-token = the cookie's name, and as its value the token: 256 random bits that nobody can guess
tour-piece-httponly = scripts in a page cannot read it
tour-piece-samesite = Lax: a form or a script of another site does not make it go along
tour-piece-path = goes with requests to all paths below this one: here, to every page
tour-piece-absent = (no { $name })
tour-piece-no-domain = goes to this host alone, not to hosts below it
tour-piece-no-secure = goes over plain HTTP too: only good enough for a server on this machine
tour-piece-no-max-age = has no end of its own: a browser forgets it when it is closed

tour-first-visit-title = A first visit
tour-first-visit-text =
    You ask for the start page, and nothing in the request says who you are. The server answers with its login page,
    sets no cookie and keeps nothing.
tour-form-title = The login form
tour-form-text =
    A browser would draw this form as the login page: it says which fields there are and where to send them. This
    server asks for a name alone; a real one asks for a password too.
tour-login-title = The login
tour-login-text =
    The form is sent with username=alice; the server makes a new record, the session, and answers with Set-Cookie: a
    token that stands for this record. The client keeps the token and follows the redirect.
tour-recognised-title = A visit that is recognised
tour-recognised-text =
    The same request as in step 1 has one line more now: Cookie. By this line alone the server finds the record and
    knows that it is alice.
tour-record-title = What each side keeps
tour-record-text =
    The name and all data are on the server; the client has only the token, which says nothing by itself. The server
    keeps not even the token but a hash of it, so that a thief of its records cannot log in with them.
tour-counter-title = State
tour-counter-text =
    The count is in the server's record, so it is still there at the next request. The cookie stays as it is: it opens
    the data and never holds them.
tour-deletion-title = Deleting the cookie
tour-deletion-text =
    Without the cookie you are a stranger again: this client has forgotten its session. But the server was told nothing:
    its record lives on, for whoever has a copy of the token.
tour-second-login-title = Logging in again
tour-second-login-text =
    You get a new token for a new record, and the count does not come back. No token is given out twice: somebody
    who had seen the old one, or planted it, could use your new session as well.
tour-logout-title = Logging out
tour-logout-text =
    This time the server is told, and deletes the record of session 2. Its answer deletes the cookie too, by a Set-Cookie
    whose end is in the past: both sides have forgotten.
tour-replay-title = The old cookies once more
tour-replay-text =
    Suppose that somebody has copied your cookies: that of session 2, which was logged out, opens nothing (401). Of
    session 1 only the cookie was deleted, so the copy still opens it (200): to end a session, log out.
tour-expiry-title = Expiry
tour-expiry-text =
    Nobody uses session 1 for 31 minutes (the tour moves the clock), and this server ends sessions after 30 minutes
    without use. The cookie is the same as in step 10, but its record is gone: who comes back so late has to log in again.

tour-end-title = What is kept where
tour-place-cookie = cookie
tour-place-storage = local storage
tour-place-session = server session
tour-question-keeper = who keeps it
tour-question-reader = who can read it
tour-question-end = when it ends
tour-question-purpose = what it is for
tour-table-cookie-keeper = the client, which sends it with every request to its site
tour-table-cookie-reader = client and server; scripts too, unless it is HttpOnly
tour-table-cookie-end = at its Max-Age or Expires, else when the browser is closed; or when it is deleted
tour-table-cookie-purpose = a token, or a small setting that the server has to see
tour-table-storage-keeper = the browser, which never sends it by itself
tour-table-storage-reader = every script of the page's origin: no place for a token
tour-table-storage-end = when a script or the user deletes it
tour-table-storage-purpose = settings and drafts that only scripts in the page need
tour-table-session-keeper = the server; the client has only the token
tour-table-session-reader = the server alone
tour-table-session-end = at the logout, or when its time is over: the server decides
tour-table-session-purpose = who is logged in, and data that no client may change
tour-remember = to remember:
tour-remember-what = A session is a record on the server. The cookie holds only the token that opens it.
tour-remember-where = Whoever sends the token is taken for its owner, so keep it secret.
tour-remember-deleting =
    Deleting the cookie makes only this client forget. The session ends with a logout, or when its time is over.
tour-next = go on by yourself (the first in another terminal):

## Why

why-request = a request to { $url }
why-response = a response of { $url }
why-by-method = { $line } by { $method }
why-from-page = { $line }, from a page of { $origin }
why-embedded = { $line }, embedded in a page of { $origin }
why-no-cookies = the jar holds no cookies
why-label-place = it is for
why-place = { $host }, path { $path }
why-label-rule = rule
why-label-fix = fix
why-label-others = also
why-label-end = it ends
why-label-flags = flags
why-label-note = note

## Inspect

inspect-title = Live: what client and server say
inspect-noscript = This page needs JavaScript: it draws what the server tells it.
inspect-pause = Pause
inspect-resume = Resume
inspect-clear = Clear
inspect-newest = To the newest
inspect-exchanges = Exchanges between client and server
inspect-client = Client
inspect-server = Server
inspect-changes = What it changed
inspect-nothing = Nothing has come yet. Open the start page in another tab, or run:
inspect-sessions = Sessions that the server keeps
inspect-no-sessions = None: nobody is logged in.
inspect-user = User
inspect-idle = Unused, ends in
inspect-absolute = At the latest in
inspect-data = Data
inspect-change = Change
inspect-headers = Headers
inspect-select = Select an exchange to see its headers: by a click, or by the arrow keys.

inspect-connecting = connecting
inspect-live = live
inspect-lost = the server does not answer; trying again
inspect-over = this server has ended; a new one has another address
inspect-rate-all = { $all } requests a second
inspect-rate-some = showing { $shown } of { $all } requests a second
inspect-waiting = { $count } wait
inspect-missed = this page was too slow and missed { $count } events
inspect-hidden = … { $count } more came, too fast to show …
inspect-table-all = ({ $count })
inspect-table-some = (the first { $count })
inspect-table-unread = (the store does not answer)
inspect-nobody = (nobody yet)
inspect-began = began
inspect-used = used: its time begins anew
inspect-more-data = and { $count } more
inspect-data-changed-to = { $key }: { $old } → { $new }
inspect-data-new = { $key }: { $new }
inspect-change-began = session began
inspect-change-renewed = token renewed
inspect-change-data = data changed
inspect-change-ended = session ended
inspect-ended-logout = ended by a logout
inspect-ended-superseded = replaced by a new login
inspect-ended-revoked = ended from elsewhere
inspect-ended-too-many = ended: too many sessions
inspect-ended-not-admitted = ended: the account changed
inspect-ended-expired = expired
inspect-ended-gone = gone from the store
inspect-exchange = Exchange { $number }
inspect-general = General
inspect-method = Method
inspect-target = Target
inspect-status = Status
inspect-time = Time
inspect-took = Took
inspect-duration = { $ms } ms
inspect-session = Session
inspect-no-session = none
inspect-request-headers = Request headers
inspect-response-headers = Response headers

## The pages of the server

page-log-in = Log in
page-stranger = This server does not know you: your request carried no cookie of a live session.
page-name = Name
page-password = Password
page-welcome = Welcome
page-greeting = Welcome, { $name }!
page-known = Your request carried the cookie of this session, which the server keeps:
page-handle = Handle
page-began = Began
page-seen = Last used
page-idle-expiry = Ends unless used before
page-absolute-expiry = Ends at the latest
page-counter = Counter
page-counter-is = The server keeps this number in your session. Your other sessions have their own.
page-add-one = Add one
page-all-sessions = All your sessions
page-log-out = Log out
page-sessions = Your sessions
page-sessions-of = Sessions of { $name }
page-own = (this one)
page-end = End it
page-end-own = End this session
page-end-others = End all others
page-back = Back to the start
page-methods = This address answers only to { $methods }.

page-problem-form-type = Send the form as application/x-www-form-urlencoded.
page-problem-form-too-large = The form is too large.
page-problem-forms-at-once = Too many forms at once: send them one after the other.
page-problem-form-unreadable = The form could not be read.
page-problem-no-name = Give a name: the field is called username.
page-problem-name-with-controls = A name holds no control characters.
page-problem-long-name = That name is too long.
page-problem-no-password = Give a password: the field is called password.
page-problem-wrong-password = The name or the password is wrong.
page-problem-too-many-tries = Too many tries: wait a moment, then try again.
page-problem-no-page = There is no such page here.
page-problem-which-session = Say which: the field is called handle, or others for all but this one.
page-problem-no-such-session = You have no such session.
page-problem-session-ended = The session has ended.
page-problem-session-misfit = The session holds something that does not fit.
page-problem-store-silent = Sessions cannot be looked up at the moment. Try again later.
