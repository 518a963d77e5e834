#!/usr/bin/env python3
"""A notebook on the web: Flask, Flask-Login and Flask-WTF.

Usage: flask_app.py PORT

Listens on 127.0.0.1 and keeps everything in memory. The only account is
alice / "correct horse & battery".
"""

import logging
import os
import secrets
import sys
from urllib.parse import urlsplit

from flask import (Blueprint, Flask, flash, redirect, render_template, request,
                   url_for)
from flask_login import (LoginManager, UserMixin, current_user, login_required,
                         login_user, logout_user)
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import DictLoader
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.serving import WSGIRequestHandler, run_simple
from wtforms import (BooleanField, EmailField, PasswordField, SelectField,
                     StringField, SubmitField, TextAreaField)
from wtforms.validators import DataRequired, Length, Regexp

TEMPLATES = {
    "base.html": """\
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{% block title %}{% endblock %} - Notebook</title>
</head>
<body>
<nav>
  <a href="{{ url_for('home') }}">Home</a>
  <a href="{{ url_for('about') }}">About</a>
  {% if current_user.is_authenticated %}
  <a href="{{ url_for('notes') }}">Notes</a>
  <span>Signed in as <b>{{ current_user.name }}</b></span>
  <form action="{{ url_for('auth.logout') }}" method="post">
    <input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
    <button type="submit">Sign out</button>
  </form>
  {% else %}
  <a href="{{ url_for('auth.login') }}">Sign in</a>
  {% endif %}
</nav>
<form action="{{ url_for('search') }}" method="get" role="search">
  <input type="search" name="q" placeholder="Search" aria-label="Search">
  <button>Search</button>
</form>
{% with messages = get_flashed_messages(with_categories=true) %}
{% for category, message in messages %}
<div class="flash {{ category }}" role="alert">{{ message }}</div>
{% endfor %}
{% endwith %}
<main>
{% block content %}{% endblock %}
</main>
<footer>
  <form action="{{ url_for('newsletter') }}" method="post" id="newsletter">
    {{ newsletter_form.hidden_tag() }}
    {{ newsletter_form.email.label }} {{ newsletter_form.email(placeholder="you@example.org") }}
    {{ newsletter_form.subscribe }}
  </form>
</footer>
</body>
</html>
""",
    "home.html": """\
{% extends "base.html" %}
{% block title %}Home{% endblock %}
{% block content %}
<h1>Notebook</h1>
<p>A place for your notes.</p>
{% endblock %}
""",
    "about.html": """\
{% extends "base.html" %}
{% block title %}About{% endblock %}
{% block content %}
<h1>About</h1>
<p>Made with Flask.</p>
{% endblock %}
""",
    "search.html": """\
{% extends "base.html" %}
{% block title %}Search{% endblock %}
{% block content %}
<h1>Search</h1>
<p>Nothing found for “{{ q }}”.</p>
{% endblock %}
""",
    "login.html": """\
{% extends "base.html" %}
{% block title %}Sign in{% endblock %}
{% block content %}
<h1>Sign in</h1>
<form action="" method="post" novalidate>
  {{ form.hidden_tag() }}
  <p>{{ form.username.label }}<br>{{ form.username(size=32, autocomplete="username") }}
  {% for error in form.username.errors %}<span class="error">{{ error }}</span>{% endfor %}</p>
  <p>{{ form.password.label }}<br>{{ form.password(size=32, autocomplete="current-password") }}
  {% for error in form.password.errors %}<span class="error">{{ error }}</span>{% endfor %}</p>
  <p>{{ form.remember_me() }} {{ form.remember_me.label }}</p>
  <p>{{ form.submit() }}</p>
</form>
{% endblock %}
""",
    "notes.html": """\
{% extends "base.html" %}
{% block title %}Notes{% endblock %}
{% block content %}
<h1>Notes of {{ current_user.name }}</h1>
<ul id="notes">
{% for note in notes %}
  <li class="{{ note.colour }}">{% if note.pinned %}<b>Pinned</b> {% endif %}{{ note.text }}</li>
{% else %}
  <li>No notes yet.</li>
{% endfor %}
</ul>
<form action="{{ url_for('notes') }}" method="post" id="add-note">
  {{ form.hidden_tag() }}
  <p>{{ form.text.label }}<br>{{ form.text(rows=4, cols=60) }}
  {% for error in form.text.errors %}<span class="error">{{ error }}</span>{% endfor %}</p>
  <p>{{ form.colour.label }} {{ form.colour() }}</p>
  <p>{{ form.pinned() }} {{ form.pinned.label }}</p>
  <p>{{ form.add() }}</p>
</form>
{% endblock %}
""",
}


class LoginForm(FlaskForm):
    username = StringField("Username", validators=[DataRequired()])
    password = PasswordField("Password", validators=[DataRequired()])
    remember_me = BooleanField("Remember me")
    submit = SubmitField("Sign in")


class NewsletterForm(FlaskForm):
    email = EmailField("E-mail", validators=[
        DataRequired(), Regexp(r"^[^@\s]+@[^@\s]+$", message="Not an e-mail address.")])
    subscribe = SubmitField("Subscribe")


class NoteForm(FlaskForm):
    text = TextAreaField("Text", validators=[DataRequired(), Length(max=2000)])
    colour = SelectField("Colour", default="yellow", choices=[
        ("yellow", "Yellow"), ("green", "Green"), ("blue", "Blue")])
    pinned = BooleanField("Pinned")
    add = SubmitField("Add note")


class User(UserMixin):
    def __init__(self, name, password):
        self.id = name
        self.name = name
        self.password_hash = generate_password_hash(password)
        self.notes = []


USERS = {user.id: user for user in [User("alice", "correct horse & battery")]}

login_manager = LoginManager()
login_manager.login_view = "auth.login"
login_manager.session_protection = "strong"


@login_manager.user_loader
def load_user(user_id):
    return USERS.get(user_id)


auth = Blueprint("auth", __name__, url_prefix="/auth")


def next_page():
    """Where ?next= leads, if that is on this site."""
    target = request.args.get("next", "")
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or "\\" in target:
        return url_for("notes")
    return target


@auth.route("/login", methods=["GET", "POST"])
def login():
    if current_user.is_authenticated:
        return redirect(url_for("notes"))
    form = LoginForm()
    if form.validate_on_submit():
        user = USERS.get(form.username.data)
        if user is None or not check_password_hash(user.password_hash, form.password.data):
            flash("Invalid username or password.", "danger")
            return render_template("login.html", form=form)
        login_user(user, remember=form.remember_me.data)
        return redirect(next_page())
    return render_template("login.html", form=form)


@auth.route("/logout", methods=["POST"])
def logout():
    logout_user()
    flash("You have been signed out.", "info")
    return redirect(url_for("home"))


def create_app():
    app = Flask(__name__)
    app.jinja_loader = DictLoader(TEMPLATES)
    app.config.update(
        SECRET_KEY=os.environ.get("SECRET_KEY") or secrets.token_hex(),
        SESSION_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SAMESITE="Lax",
    )
    CSRFProtect(app)
    login_manager.init_app(app)
    app.register_blueprint(auth)

    @app.context_processor
    def footer():
        # Without request data: a failed login must not mark this form too.
        return {"newsletter_form": NewsletterForm(formdata=None)}

    @app.get("/")
    def home():
        return render_template("home.html")

    @app.get("/about")
    def about():
        return render_template("about.html")

    @app.get("/search")
    def search():
        return render_template("search.html", q=request.args.get("q", ""))

    @app.post("/newsletter")
    def newsletter():
        form = NewsletterForm()
        if form.validate_on_submit():
            flash("Thank you, we will write to %s." % form.email.data, "info")
        else:
            flash("That is not an e-mail address.", "danger")
        return redirect(url_for("home"))

    @app.route("/notes", methods=["GET", "POST"])
    @login_required
    def notes():
        form = NoteForm()
        if form.validate_on_submit():
            current_user.notes.append({
                "text": form.text.data,
                "colour": form.colour.data,
                "pinned": form.pinned.data,
            })
            flash("Note added.", "info")
            return redirect(url_for("notes"))
        ordered = sorted(current_user.notes, key=lambda note: not note["pinned"])
        return render_template("notes.html", form=form, notes=ordered)

    return app


class QuietRequestHandler(WSGIRequestHandler):
    def log_request(self, *args, **kwargs):
        pass


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: flask_app.py PORT")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    run_simple("127.0.0.1", int(sys.argv[1]), create_app(), threaded=True,
               use_reloader=False, use_debugger=False,
               request_handler=QuietRequestHandler)


if __name__ == "__main__":
    main()
