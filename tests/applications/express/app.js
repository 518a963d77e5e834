'use strict';
// An account page behind a login: Express, express-session and csrf-sync.
//
// Usage: node app.js PORT
//
// Listens on 127.0.0.1 and keeps everything in memory. The only account is
// bob@example.org / "tr0ub4dor & 3".

const crypto = require('node:crypto');
const express = require('express');
const session = require('express-session');
const helmet = require('helmet');
const { csrfSync } = require('csrf-sync');

const hash = (password, salt) => crypto.scryptSync(password, salt, 32);
const salt = crypto.randomBytes(16);
const users = new Map([
  ['bob@example.org', { email: 'bob@example.org', name: 'Bob', salt, hash: hash('tr0ub4dor & 3', salt) }],
]);

function authenticate(email, password) {
  const user = users.get(String(email).trim().toLowerCase());
  const given = hash(String(password), user ? user.salt : salt);
  return user && crypto.timingSafeEqual(given, user.hash) ? user : null;
}

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => String(text).replace(/[&<>"']/g, (c) => escapes[c]);

const page = (title, body) => `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>${escape(title)}</title>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
${body}
</main>
</body>
</html>
`;

const loginPage = ({ token, email = '', error = '' }) => page('Log in', `
${error && `<p role="alert">${escape(error)}</p>`}
<form method="post" action="/login">
  <input type="hidden" name="_csrf" value="${escape(token)}">
  <label>E-mail <input type="email" name="email" value="${escape(email)}" autocomplete="username" required autofocus></label>
  <label>Password <input type="password" name="password" autocomplete="current-password" required></label>
  <button type="submit">Log in</button>
</form>`);

const accountPage = ({ token, user, notice = '' }) => page('Your account', `
${notice && `<p role="status">${escape(notice)}</p>`}
<dl>
  <dt>E-mail</dt><dd id="email">${escape(user.email)}</dd>
  <dt>Display name</dt><dd id="name">${escape(user.name)}</dd>
</dl>
<form method="post" action="/account/name">
  <input type="hidden" name="_csrf" value="${escape(token)}">
  <label>Display name <input type="text" name="name" value="${escape(user.name)}" maxlength="80" required></label>
  <button type="submit">Save</button>
</form>
<form method="post" action="/logout">
  <input type="hidden" name="_csrf" value="${escape(token)}">
  <button type="submit">Log out</button>
</form>`);

const { csrfSynchronisedProtection, generateToken, invalidCsrfTokenError } = csrfSync({
  getTokenFromRequest: (req) => req.body && req.body._csrf,
});

const app = express();
app.disable('x-powered-by');
app.use(helmet());
app.use(session({
  secret: process.env.SESSION_SECRET || crypto.randomBytes(32).toString('hex'),
  resave: false,
  saveUninitialized: false,
  cookie: { httpOnly: true, sameSite: 'lax' },
}));
app.use(express.urlencoded({ extended: false }));
app.use(csrfSynchronisedProtection);

app.use((req, res, next) => {
  req.user = req.session.email ? users.get(req.session.email) : undefined;
  next();
});

function requireLogin(req, res, next) {
  if (req.user) return next();
  res.redirect('/login');
}

app.get('/', (req, res) => res.redirect('/account'));

app.get('/login', (req, res) => {
  if (req.user) return res.redirect('/account');
  res.set('Cache-Control', 'no-store').send(loginPage({ token: generateToken(req) }));
});

app.post('/login', (req, res, next) => {
  const { email = '', password = '' } = req.body;
  const user = authenticate(email, password);
  if (!user) {
    const error = 'Wrong e-mail or password.';
    return res.status(401).send(loginPage({ token: generateToken(req), email, error }));
  }
  req.session.regenerate((error) => {
    if (error) return next(error);
    req.session.email = user.email;
    req.session.save((failure) => (failure ? next(failure) : res.redirect('/account')));
  });
});

app.get('/account', requireLogin, (req, res) => {
  const { notice } = req.session;
  delete req.session.notice;
  res.set('Cache-Control', 'no-store')
    .send(accountPage({ token: generateToken(req), user: req.user, notice }));
});

app.post('/account/name', requireLogin, (req, res) => {
  const name = String(req.body.name || '').trim().slice(0, 80);
  if (name) {
    req.user.name = name;
    req.session.notice = 'Your display name was changed.';
  }
  res.redirect('/account');
});

app.post('/logout', (req, res, next) => {
  req.session.destroy((error) => {
    if (error) return next(error);
    res.clearCookie('connect.sid');
    res.redirect('/login');
  });
});

app.use((req, res) => res.status(404).send(page('Not found', '<p>There is no such page.</p>')));

// eslint-disable-next-line no-unused-vars
app.use((error, req, res, next) => {
  if (error === invalidCsrfTokenError) {
    return res.status(403).send(page('Forbidden', '<p role="alert">The form has expired, please try again.</p>'));
  }
  const status = error.status || 500;
  if (status >= 500) console.error(error);
  res.status(status).send(page('Error', '<p>Something went wrong.</p>'));
});

const port = Number(process.argv[2]);
if (!Number.isInteger(port) || port < 1 || port > 65535) {
  console.error('usage: node app.js PORT');
  process.exit(2);
}
app.listen(port, '127.0.0.1', (error) => {
  if (error) {
    console.error(error.message);
    process.exit(1);
  }
});
