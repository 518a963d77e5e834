//! The page that greets. It is what a server sends most, so its template is rendered once in each language, and cut
//! where the values of a session go.

use std::fmt::Write;
use std::mem;
use std::sync::LazyLock;

use askama::Template;
use askama::filters::{Html, escape};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderValue, StatusCode};
use uuid::Uuid;
use warp::reply::Response;

use sessctl::session::Record;
use sessctl::web::security_headers;

use super::moment::Moment;
use super::texts::PageTexts;
use super::{BY_SESSION, written};
use crate::texts::Language;

/// What goes in between the pieces of the page. Each is a character of no meaning while the page is cut.
#[derive(Debug, Clone, Copy)]
enum Hole {
    Name = 0xE000,
    Handle,
    Created,
    IdleExpiry,
    AbsoluteExpiry,
    Count,
}

const HOLES: [Hole; 6] =
    [Hole::Name, Hole::Handle, Hole::Created, Hole::IdleExpiry, Hole::AbsoluteExpiry, Hole::Count];

/// More than the values of most sessions take.
const ROOM: usize = 512;

#[derive(Template)]
#[template(path = "welcome.html", config = "src/bin/sessctl/app/templates/askama.toml")]
struct Welcome {
    texts: &'static PageTexts,
    name: char,
    handle: char,
    created: char,
    idle_expiry: char,
    absolute_expiry: char,
    count: char,
}

/// The page in one language: pieces, and what follows each.
#[derive(Debug)]
struct Cut {
    /// What its responses have in common.
    headers: HeaderMap,
    pieces: Vec<(String, Hole)>,
    end: String,
    length: usize,
}

static ENGLISH: LazyLock<Cut> = LazyLock::new(|| Cut::read(Language::En));
static KOREAN: LazyLock<Cut> = LazyLock::new(|| Cut::read(Language::Ko));

impl Hole {
    fn mark(self) -> char {
        char::from_u32(self as u32).unwrap_or_default()
    }
}

impl Cut {
    fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &ENGLISH,
            Language::Ko => &KOREAN,
        }
    }

    fn read(language: Language) -> Self {
        let page = Welcome {
            texts: PageTexts::of(language),
            name: Hole::Name.mark(),
            handle: Hole::Handle.mark(),
            created: Hole::Created.mark(),
            idle_expiry: Hole::IdleExpiry.mark(),
            absolute_expiry: Hole::AbsoluteExpiry.mark(),
            count: Hole::Count.mark(),
        };
        // Writing into a String fails only if a value's Display does, and those above do not.
        let html = page.render().unwrap_or_default();
        let (mut pieces, mut rest) = (Vec::new(), html.as_str());
        while let Some((at, hole)) = rest
            .char_indices()
            .find_map(|(at, c)| Some((at, HOLES.into_iter().find(|hole| hole.mark() == c)?)))
        {
            pieces.push((rest[..at].to_owned(), hole));
            rest = &rest[at + hole.mark().len_utf8()..];
        }
        let mut response = written(language, StatusCode::OK, BY_SESSION, String::new());
        // All that a response gets in the end: what is there already is not put in one by one each time.
        security_headers(response.headers_mut(), false);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let headers = mem::take(response.headers_mut());
        Cut { headers, end: rest.to_owned(), length: html.len(), pieces }
    }
}

/// Has all languages ready.
pub(super) fn prepare() {
    Language::ALL.into_iter().for_each(|language| _ = Cut::of(language));
}

/// The page for who is called `name`.
pub(super) fn render(language: Language, name: &str, record: &Record) -> Response {
    let cut = Cut::of(language);
    let mut page = String::with_capacity(cut.length + ROOM);
    for (piece, hole) in &cut.pieces {
        page.push_str(piece);
        // Writing into a String does not fail, nor does escaping.
        match hole {
            Hole::Name => _ = escape(name, Html).map(|name| write!(page, "{name}")),
            Hole::Handle => {
                let handle = record.handle.as_uuid().hyphenated();
                page.push_str(handle.encode_lower(&mut Uuid::encode_buffer()));
            }
            Hole::Created => Moment(record.created).push_to(&mut page),
            Hole::IdleExpiry => Moment(record.expires()).push_to(&mut page),
            Hole::AbsoluteExpiry => Moment(record.absolute_expiry).push_to(&mut page),
            Hole::Count => match record.data.get("count") {
                Some(count) => _ = escape(count, Html).map(|count| write!(page, "{count}")),
                None => page.push('0'),
            },
        }
    }
    page.push_str(&cut.end);
    let mut response = Response::new(page.into());
    response.headers_mut().clone_from(&cut.headers);
    response
}
