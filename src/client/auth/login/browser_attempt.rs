//! The login form in a browser: how it is found, filled in and sent, and the steps that follow.

use std::time::{Duration, Instant};

use url::Url;

use super::attempt::{Attempt, without_fragment};
use super::browser_session::{BrowserLogin, TAB};
use super::credentials::Credentials;
use super::error::LoginError;
use super::fill::{FilledForm, fill_in};
use super::pending::SentLoginForm;
use super::step;
use super::submission::Answer;
use super::trace_step::trace_step;
use crate::client::auth::classify::{LoginForm, login_form, login_signature};
use crate::client::auth::form_hints::FormHints;
use crate::client::auth::login_links::login_links;
use crate::client::auth::trace::DiscoveredBy;
use crate::client::auth::vocabulary::{
    LOGIN, mentions, mentions_logout, mentions_other_button, says_success,
};
use crate::client::browser::drawn_page::DrawnPage;
use crate::client::browser::page_requests::{PageRequest, RequestKind};
use crate::client::html::form::{ControlKind, Filling, Form};
use crate::cookies::is_cross_site;

/// How long a page without a login form may take to draw one, after everything else is quiet.
const MAX_DRAWING: Duration = Duration::from_secs(10);

/// How long a page may take to send what was filled in, and to show what it thinks of it.
const MAX_SENDING: Duration = Duration::from_secs(5);
const MAX_SILENCE: Duration = Duration::from_secs(2);

const INTERVAL: Duration = Duration::from_millis(100);

/// How many links and buttons are followed to the login form.
const MAX_FOLLOWED: usize = 3;

/// How many texts of a page without a login form are reported.
const MAX_TEXTS: usize = 3;

impl BrowserLogin<'_> {
    /// Opens the login form, fills it in, and answers the steps that follow.
    pub(super) async fn attempt(&mut self, credentials: &mut Credentials<'_>) -> Result<Attempt, LoginError> {
        let exchanges_at_start = self.agent.flow().exchanges.len();
        let (drawn, form) = self.find_form(credentials).await?;
        self.record(credentials).await?;
        let jar_before = self.agent.jar().snapshot();
        let exchanges_before = self.agent.flow().exchanges.len();
        let mut blockers = drawn.page.blockers.clone();
        let first_page = drawn.page.url.clone();
        let mut form_page = drawn;
        let (mut answered, mut answer) = self.submit_login(&form_page, form, credentials).await?;
        let next = login_form(&answered.page, &credentials.hints.for_other_pages())
            .or_else(|| login_form(&answered.page, &FormHints::default()))
            .filter(|next| form.password.is_none() && next.password.is_some() && answer.status < 400);
        if let Some(next) = next {
            self.note(&answered, DiscoveredBy::NextStep, &credentials.hints);
            let user = answer.user.take();
            form_page = answered;
            blockers.extend(&form_page.page.blockers);
            (answered, answer) = self.submit_login(&form_page, next, credentials).await?;
            answer.user = answer.user.or(user);
        }
        let signature = login_signature(&form_page.page);
        let login_form = SentLoginForm { page: form_page.page.url.clone(), signature };
        let mut form_page = form_page.page;
        let mut step = step::to_answer_at_once(&answer, credentials);
        if let Some(step) = step {
            self.note(&answered, DiscoveredBy::FurtherStep, &credentials.hints.for_other_pages());
            let filling = step.fill_in(self.agent, &answered.page, credentials).await?;
            let user = answer.user.take();
            form_page = answered.page.clone();
            answer = self.submit(&answered, step.form, &filling).await?.1;
            answer.user = user;
        } else {
            step = None;
        }
        self.record(credentials).await?;
        blockers.extend(&answer.page.blockers);
        let asked = without_fragment(&self.start);
        let mut attempt = Attempt {
            asked,
            asked_before: None,
            first_page,
            login_form,
            form_page,
            step,
            jar_before,
            exchanges_before,
            exchanges_at_start,
            answer,
            blockers,
        };
        attempt.summarize_blockers();
        Ok(attempt)
    }

    /// Opens the start page and what leads from there to the login form, and waits until scripts have drawn it.
    async fn find_form(
        &mut self,
        credentials: &Credentials<'_>,
    ) -> Result<(DrawnPage, LoginForm), LoginError> {
        let mut drawn = self.open(&self.start.clone()).await?;
        let (mut discovered_by, mut followed) = (DiscoveredBy::Start, Vec::new());
        let mut waiting_since = Instant::now();
        let max_drawing = MAX_DRAWING.min(self.agent.deadline().saturating_duration_since(waiting_since) / 2);
        loop {
            let hints = match followed.is_empty() {
                true => credentials.hints.clone(),
                false => credentials.hints.for_other_pages(),
            };
            let way = self.way_to_form(&drawn, &followed);
            let form = login_form(&drawn.page, &hints);
            if let Some(form) = form.filter(|form| form.password.is_some() || way.is_none()) {
                self.note(&drawn, discovered_by, &hints);
                return Ok((drawn, form));
            }
            if let Some(way) = way.filter(|_| followed.len() < MAX_FOLLOWED) {
                self.note(&drawn, discovered_by, &hints);
                drawn = match &way {
                    WayToForm::Link(url, _) => self.open(url).await?,
                    WayToForm::Button(number, _) => {
                        self.browser.click(TAB, *number).await?;
                        self.browser.draw(TAB).await?
                    }
                };
                discovered_by = DiscoveredBy::Link(way.text().to_owned());
                followed.push(way);
                waiting_since = Instant::now();
                continue;
            }
            if waiting_since.elapsed() > max_drawing {
                self.note(&drawn, discovered_by, &hints);
                return Err(self.no_form(&drawn));
            }
            self.browser.wait(INTERVAL).await?;
            drawn = self.browser.draw(TAB).await?;
        }
    }

    /// The clearest link or button that leads to a login form.
    fn way_to_form(&self, drawn: &DrawnPage, followed: &[WayToForm]) -> Option<WayToForm> {
        let links = login_links(&drawn.page).into_iter().map(|link| WayToForm::Link(link.target, link.text));
        let is_login = |text: &str| {
            let is_short = text.split_whitespace().count() <= 4;
            is_short && mentions(text, LOGIN) && !mentions_other_button(text) && !mentions_logout(text)
        };
        let buttons = drawn.buttons.iter().filter(|button| is_login(&button.text));
        let buttons = buttons.map(|button| WayToForm::Button(button.number, button.text.clone()));
        links.chain(buttons).find(|way| !followed.iter().any(|it| it.text() == way.text()))
    }

    fn no_form(&self, drawn: &DrawnPage) -> LoginError {
        let page = &drawn.page;
        let texts = page.headings.iter().chain(&page.texts).take(MAX_TEXTS);
        let shows = texts.map(|text| self.agent.redactor.text(text).into_owned()).collect();
        LoginError::NoDrawnForm {
            url: Box::new(self.agent.redactor.url(&page.url)),
            blockers: page.blockers.clone(),
            shows,
        }
    }

    fn note(&mut self, drawn: &DrawnPage, discovered_by: DiscoveredBy, hints: &FormHints) {
        self.trace.push(trace_step(&drawn.page, drawn.response.status.as_u16(), discovered_by, hints));
    }

    async fn submit_login(
        &mut self,
        drawn: &DrawnPage,
        form: LoginForm,
        credentials: &mut Credentials<'_>,
    ) -> Result<(DrawnPage, Answer), LoginError> {
        self.follow_trail(&drawn.page.url);
        let FilledForm { filling, user } = fill_in(self.agent, &drawn.page, form, credentials)?;
        self.browser.set_deadline(self.agent.deadline());
        let (answered, mut answer) = self.submit(drawn, form.form, &filling).await?;
        answer.user = user;
        Ok((answered, answer))
    }

    /// Tells the agent over which pages the browser has reached this one: a password is not sent where a hostile network
    /// could have led.
    fn follow_trail(&mut self, page: &Url) {
        let (mut trail, mut before) = (self.agent.navigation.trail_to(&self.start), self.start.clone());
        let requests = self.browser.traffic().since(0).iter().filter(|it| it.kind == RequestKind::Page);
        let pages = requests.filter(|it| it.tab == TAB).filter_map(|it| Url::parse(&it.url).ok());
        for url in pages.chain([page.clone()]) {
            trail = self.agent.navigation.extended(trail, &before, &url);
            before = url;
        }
        self.agent.navigation.arrived(page, trail);
    }

    /// Fills in a form with real input, presses its button, and waits for the answer.
    async fn submit(
        &mut self,
        drawn: &DrawnPage,
        form: usize,
        filling: &Filling,
    ) -> Result<(DrawnPage, Answer), LoginError> {
        let form = &drawn.page.forms[form];
        let sent = self.browser.traffic().len();
        self.fill(form, filling).await?;
        match filling.button.and_then(|button| form.controls[button].number) {
            Some(button) => self.browser.click(TAB, button).await?,
            None => self.browser.press_enter(TAB).await?,
        }
        let answered = self.answer(drawn, sent).await?;
        let status = self.status_since(sent, &answered);
        let (response, page) = (answered.response.clone(), answered.page.clone());
        Ok((answered, Answer { response, page, status, user: None }))
    }

    async fn fill(&mut self, form: &Form, filling: &Filling) -> Result<(), LoginError> {
        for control in &form.controls {
            let Some(number) = control.number else { continue };
            let values = filling.values.iter().filter(|(name, _)| *name == control.name);
            let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
            let Some(value) = values.first() else { continue };
            match &control.kind {
                ControlKind::Text(_) | ControlKind::Password => self.browser.fill(TAB, number, value).await?,
                ControlKind::Checkbox { .. } => {
                    let is_wanted = values.contains(&control.value.as_str());
                    self.browser.check(TAB, number, is_wanted).await?;
                }
                ControlKind::Radio { .. } if values.contains(&control.value.as_str()) => {
                    self.browser.check(TAB, number, true).await?;
                }
                ControlKind::Select { .. } | ControlKind::Hidden => {
                    self.browser.set(TAB, number, value).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The page that answers a form: the next one, or the same with a message.
    async fn answer(&mut self, form_page: &DrawnPage, sent: usize) -> Result<DrawnPage, LoginError> {
        let started = Instant::now();
        loop {
            self.browser.wait(INTERVAL).await?;
            let drawn = self.browser.draw(TAB).await?;
            let requests = self.browser.traffic().since(sent);
            let has_sent = requests.iter().any(|it| it.kind == RequestKind::Page || it.method != "GET");
            let new = drawn.page.texts.iter().filter(|text| !form_page.page.texts.contains(text));
            let new: Vec<&String> = new.collect();
            // A page that welcomes the user goes on by itself.
            let is_welcome = new.iter().any(|text| says_success(text) == Some(true));
            let is_left = drawn.page.forms != form_page.page.forms || drawn.page.url != form_page.page.url;
            let is_decided = has_sent && (is_left || !new.is_empty() && !is_welcome);
            let is_late = match has_sent || is_left || !new.is_empty() {
                true => started.elapsed() > MAX_SILENCE,
                false => started.elapsed() > MAX_SENDING,
            };
            if (is_decided && drawn.page.refresh.is_none()) || is_late {
                return Ok(drawn);
            }
        }
    }

    /// The status of the submission: that of the first unsafe request to the site of the page, if the login form is still
    /// there, else that of the page.
    fn status_since(&self, sent: usize, answered: &DrawnPage) -> u16 {
        let page = answered.response.status.as_u16();
        let is_submission = |request: &&PageRequest| {
            let is_safe = matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
            let url = Url::parse(&request.url);
            !is_safe && url.is_ok_and(|url| !is_cross_site(&answered.page.url, &url))
        };
        let submission = self.browser.traffic().since(sent).iter().find(is_submission);
        let status = submission.and_then(|request| request.status).unwrap_or(page);
        let is_redirect = (300..400).contains(&status);
        match login_form(&answered.page, &FormHints::default()) {
            None if status != 429 => page,
            _ if is_redirect => page,
            _ => status,
        }
    }
}

/// What leads to a login form.
enum WayToForm {
    Link(Url, String),
    Button(usize, String),
}

impl WayToForm {
    fn text(&self) -> &str {
        let (WayToForm::Link(_, text) | WayToForm::Button(_, text)) = self;
        text
    }
}
