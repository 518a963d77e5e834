//! [`LESSONS`]: attacks on sessions as data, and [`LessonRun`], which plays one against a server with real requests.

mod code_line;
mod lesson;
mod lesson_run;
mod played_step;

use code_line::code_line;
use lesson::{Action, DecisiveHeader, LessonStep, Sign, step};

pub(crate) use lesson::{Lesson, LessonServer, Party, StepProof};
pub(crate) use lesson_run::LessonRun;
pub(crate) use played_step::{PlayedStep, Sent};

/// The requests that a race sends.
const RACING: u64 = 5;

use LessonServer::{Sound, Weakened};
use Party::{Attacker, Victim};
use StepProof::{Attack, NoAttack, Nothing};

/// All lessons, in the order in which they build on each other.
pub(crate) static LESSONS: [Lesson; 6] = [FIXATION, THEFT, REPLAY, CSRF, PREDICTION, LOST_UPDATE];

const FIXATION: Lesson = Lesson {
    name: "fixation",
    weakness: "fixation",
    steps: &[
        step("plant", Action::Plant("chosen-by-the-attacker"), Nothing),
        LOGIN,
        step("open", Action::Open(Attacker), Attack(Sign::VictimsSession)),
    ],
    header: Some(DecisiveHeader { step: "login", name: "set-cookie" }),
    code: [
        (
            Weakened,
            code_line!("src/bin/sessctl/app/weaknesses/outer_ids.rs", "Adoption::Any => !token.is_empty()"),
        ),
        (Sound, code_line!("src/session/issue.rs", "sessions.start((key, record), previous)")),
    ],
    shows_tokens: false,
    writes: false,
};

const THEFT: Lesson = Lesson {
    name: "theft",
    weakness: "no-httponly",
    steps: &[
        LOGIN,
        step("script", Action::ReadByScript, Nothing),
        step("open", Action::Open(Attacker), Attack(Sign::VictimsSession)),
        step("logout", Action::Logout(Victim), Nothing),
        step("reopen", Action::Open(Attacker), NoAttack(Sign::VictimsSession)),
    ],
    header: Some(DecisiveHeader { step: "login", name: "set-cookie" }),
    code: [
        (
            Weakened,
            code_line!("src/bin/sessctl/app/weaknesses/cookie_attributes.rs", "line.without(\"HttpOnly\")"),
        ),
        (Sound, code_line!("src/session/cookie_config.rs", "format!(\"; HttpOnly;")),
    ],
    shows_tokens: false,
    writes: false,
};

const REPLAY: Lesson = Lesson {
    name: "replay",
    weakness: "logout-keeps-session",
    steps: &[
        LOGIN,
        step("copy", Action::Copy, Nothing),
        step("logout", Action::Logout(Victim), Nothing),
        step("open", Action::Open(Attacker), Attack(Sign::VictimsSession)),
    ],
    header: None,
    code: [
        (
            Weakened,
            code_line!("src/bin/sessctl/app/weaknesses/logout_keeps_session.rs", "\"unknown\".to_owned()"),
        ),
        (Sound, code_line!("src/bin/sessctl/app/login.rs", "session.end().await?")),
    ],
    shows_tokens: false,
    writes: false,
};

const CSRF: Lesson = Lesson {
    name: "csrf",
    weakness: "no-csrf-check",
    steps: &[
        LOGIN,
        step("foreign", Action::Lure("http://evil.example/"), NoAttack(Sign::Counted)),
        step("sibling", Action::Lure("http://127.0.0.1:9000/"), Attack(Sign::Counted)),
    ],
    header: Some(DecisiveHeader { step: "sibling", name: "sec-fetch-site" }),
    code: [
        (
            Weakened,
            code_line!("src/bin/sessctl/app/weaknesses/no_csrf_check.rs", "remove(\"sec-fetch-site\")"),
        ),
        (Sound, code_line!("src/web/guard.rs", "site == \"same-origin\" || site == \"none\"")),
    ],
    shows_tokens: false,
    writes: true,
};

const PREDICTION: Lesson = Lesson {
    name: "prediction",
    weakness: "predictable-token",
    steps: &[
        step("own-login", Action::Login(Attacker), Nothing),
        LOGIN,
        step("guess", Action::Guess, Attack(Sign::VictimsSession)),
    ],
    header: Some(DecisiveHeader { step: "login", name: "set-cookie" }),
    code: [
        (Weakened, code_line!("src/bin/sessctl/app/weaknesses/token_format.rs", "u64::try_from(login")),
        (Sound, code_line!("src/session/id.rs", "getrandom::fill(&mut random)?")),
    ],
    shows_tokens: true,
    writes: false,
};

const LOST_UPDATE: Lesson = Lesson {
    name: "lost-update",
    weakness: "lost-updates",
    steps: &[
        step("own-login", Action::Login(Attacker), Nothing),
        step("race", Action::Race(Attacker, RACING), Nothing),
        step("count", Action::Open(Attacker), Attack(Sign::CountBelow(RACING))),
    ],
    header: None,
    code: [
        (
            Weakened,
            code_line!(
                "src/bin/sessctl/app/weaknesses/lost_updates.rs",
                "&Change::between(&record.data, &changed)"
            ),
        ),
        (Sound, code_line!("src/stores/memory.rs", "Changed::apply(change, &mut record.data)")),
    ],
    shows_tokens: false,
    writes: true,
};

const LOGIN: LessonStep = step("login", Action::Login(Victim), Nothing);

#[cfg(test)]
mod tests {
    use super::code_line::CodeLine;
    use super::*;

    #[test]
    fn each_line_of_code_is_found_once() {
        for (_, line) in LESSONS.iter().flat_map(|lesson| &lesson.code) {
            assert!(line.text().is_ok_and(|text| text.len() > line.marker.len() / 2), "{line:?}");
        }
        let twice = CodeLine { file: "a", source: "x = 1;\ny = 1;\n", marker: "= 1" };
        assert!(twice.text().is_err() && CodeLine { marker: "= 2", ..twice }.text().is_err());
    }

    #[test]
    fn each_lesson_has_one_attack() {
        for lesson in &LESSONS {
            let attacks = lesson.steps.iter().filter(|step| matches!(step.proof, Attack(_)));
            assert_eq!(attacks.count(), 1, "{}", lesson.name);
        }
    }
}
