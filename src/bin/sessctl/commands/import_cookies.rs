//! `import-cookies`: merges the cookies of other programs into the jar.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Instant;

use clap::Args;

use sessctl::clock::SystemClock;
use sessctl::cookies::{Imported, Jar, StoredCookie, import, import_firefox};

use super::command::{Command, Context, Group};
use super::exit::Exit;
use super::failure::{Failure, Outcome};
use super::firefox_profiles;
use crate::output::{ImportedCookies, Output};

#[derive(Debug, Args)]
pub(super) struct ImportCookiesArgs {
    /// File to import (- for stdin)
    ///
    /// The format is detected. Give --url if the file names no host.
    #[arg(value_name = "FILE", required_unless_present = "from")]
    file: Option<PathBuf>,
    /// Import from an installed browser
    ///
    /// firefox, or firefox:PROFILE with the name or the folder of a profile. Firefox may be running.
    #[arg(long, value_name = "BROWSER", value_parser = browser, conflicts_with = "file")]
    from: Option<InstalledBrowser>,
}

/// An installed browser, and its profile if one is named.
#[derive(Debug, Clone)]
enum InstalledBrowser {
    Firefox(Option<String>),
}

fn browser(text: &str) -> Result<InstalledBrowser, String> {
    let (name, profile) = text.split_once(':').map_or((text, None), |(name, profile)| (name, Some(profile)));
    match name.to_ascii_lowercase().as_str() {
        "firefox" => Ok(InstalledBrowser::Firefox(profile.map(str::to_owned))),
        "chromium" | "chrome" | "edge" | "brave" => Err(
            "this browser encrypts its cookies; log in with `sessctl login --browser=window`, or import the file of an \
             extension that exports cookies"
                .to_owned(),
        ),
        _ => Err("not a supported browser; write firefox or firefox:PROFILE".to_owned()),
    }
}

impl Command for ImportCookiesArgs {
    const NAME: &'static str = "import-cookies";
    const GROUP: Group = Group::Cookies;
    const ABOUT: &'static str = "Import cookies from other programs";
    const DETAILS: Option<&'static str> = Some(
        "Import cookies from a Netscape cookies.txt, a jar in JSON, an HTTPie or xh session, a storage state, the JSON \
             of browser extensions, a HAR, a curl command line, a Cookie header, or the cookies.sqlite of Firefox.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl import-cookies cookies.txt             from curl, wget or a browser
  sessctl import-cookies me.json --url http://app.test   an HTTPie session
  sessctl import-cookies network.har             from a browser's network panel
  sessctl import-cookies copied.sh               its \"Copy as cURL\"
  sessctl import-cookies --from firefox          from the profile of Firefox";
    const SHARED_OPTIONS: &'static [&'static str] =
        &["json", "quiet", "color", "lang", "profile", "jar", "base", "timeout"];

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        let deadline = Instant::now() + context.client.timeout;
        let file = context.client.jar_file()?;
        let (jar, _) = file.load(SystemClock)?;
        let path = self.path()?;
        let name = path.display();
        let text = read(&path).map_err(Failure::with_file("read", &path))?;
        // Some formats do not name the host of their cookies.
        let base = context.client.base().cloned();
        let merge = {
            let (jar, path) = (jar.clone(), path.clone());
            move || {
                // The newest cookies of a database may be in a second file.
                let imported = match text.starts_with(b"SQLite format 3\0") && path.as_os_str() != "-" {
                    true => import_firefox(&path, jar.now()),
                    false => import(&text, base.as_ref(), jar.now()),
                };
                imported.map(|imported| merge(&jar, imported))
            }
        };
        let timeout = context.client.timeout;
        let merged = until(deadline, merge).ok_or_else(|| {
            let why = format!("it did not finish within {} s", timeout.as_secs_f32());
            let next = "the jar is unchanged; --timeout sets a longer limit";
            Failure::new(Exit::Timeout, format!("cannot import {name}: {why}; {next}"))
        })?;
        let Merged { imported, count, all } = merged.map_err(Failure::cannot(format!("import {name}")))?;
        file.save(&jar, None, deadline)?;
        if count < all {
            let why = "a jar holds at most 180 cookies of a domain and 3,000 in all; the least recently used were evicted";
            output.warn(&format!("{name}: {} cookies are not in the jar: {why}", all - count));
        }
        for (place, note) in &imported.notes {
            output.warn(&format!("{name}: {place}: {note}"));
        }
        for skipped in &imported.rejected {
            output.warn(&format!("{name}: skipped {}: {}", skipped.place, skipped.cause));
        }
        let is_useless = count == 0 && !imported.rejected.is_empty();
        output.print(&ImportedCookies { imported, count });
        if is_useless {
            return Err(Failure::failed(format!("cannot import {name}: no cookie in it is valid")));
        }
        Ok(())
    }
}

/// What an import changed in the jar.
struct Merged {
    imported: Imported,
    /// How many of its cookies the jar holds.
    count: usize,
    all: usize,
}

fn merge(jar: &Jar, imported: Imported) -> Merged {
    jar.merge(imported.cookies.iter().cloned());
    let identity = |cookie: &StoredCookie| {
        let domain = cookie.domain_name().to_owned();
        (cookie.name.clone(), domain, cookie.is_host_only(), cookie.path().to_owned())
    };
    let kept: HashSet<_> = jar.cookies().iter().map(identity).collect();
    let given: HashSet<_> = imported.cookies.iter().map(identity).collect();
    Merged { count: given.intersection(&kept).count(), all: given.len(), imported }
}

/// The result of `work`. `None` if the deadline is reached first: the process then ends without waiting for it.
fn until<T: Send + 'static>(deadline: Instant, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = channel();
    // The receiver is gone if the deadline was reached.
    std::thread::spawn(move || _ = sender.send(work()));
    receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
}

impl ImportCookiesArgs {
    fn path(&self) -> Result<PathBuf, Failure> {
        match &self.from {
            Some(InstalledBrowser::Firefox(profile)) => firefox_profiles::cookie_database(profile.as_deref()),
            None => Ok(self.file.clone().unwrap_or_default()),
        }
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    if path.as_os_str() != "-" {
        return std::fs::read(path);
    }
    let mut text = Vec::new();
    std::io::stdin().lock().read_to_end(&mut text)?;
    Ok(text)
}
