//! [`Lesson`]: an attack as data: its steps, how its success shows, and the lines that make the difference.

use super::code_line::CodeLine;

/// An attack that is played twice: it must succeed on a weakened server and fail on the sound one.
#[derive(Debug)]
pub(crate) struct Lesson {
    /// As `--lesson` takes it. It is also part of the keys of the texts.
    pub(crate) name: &'static str,
    /// The fault of the weakened server, as `serve --weaken` takes it.
    pub(crate) weakness: &'static str,
    pub(crate) steps: &'static [LessonStep],
    /// The header that shows the difference, if one does.
    pub(crate) header: Option<DecisiveHeader>,
    /// The line with the fault, and the line of the sound server.
    pub(crate) code: [(LessonServer, CodeLine); 2],
    /// Whether tokens are shown in full, because the lesson is about their value.
    pub(crate) shows_tokens: bool,
    /// Whether the check needs a request that adds 1 to a stored number.
    pub(crate) writes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LessonServer {
    Weakened,
    Sound,
}

/// A client of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Party {
    Attacker,
    Victim,
}

impl Party {
    /// The user that it logs in as.
    pub(crate) const fn user(self) -> &'static str {
        match self {
            Party::Attacker => "mallory",
            Party::Victim => "alice",
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct LessonStep {
    /// Its name in the keys of the texts.
    pub(crate) name: &'static str,
    pub(super) action: Action,
    pub(crate) proof: StepProof,
}

/// What happens in a step.
#[derive(Debug, Clone, Copy)]
pub(super) enum Action {
    /// The attacker sets the session cookie to this value, in the browsers of both.
    Plant(&'static str),
    Login(Party),
    Logout(Party),
    /// Opens `/session`.
    Open(Party),
    /// A script in a page that the victim opens sends `document.cookie` to the attacker.
    ReadByScript,
    /// The attacker copies the victim's cookies.
    Copy,
    /// A page at this URL makes the victim's browser post to `/counter`. Then the victim opens `/session`.
    Lure(&'static str),
    /// So many requests to `/counter` at the same time.
    Race(Party, u64),
    /// The attacker tries each millisecond since the login.
    Guess,
}

/// What a step proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepProof {
    Nothing,
    /// The attack succeeds on the weakened server and fails on the sound one.
    Attack(Sign),
    /// The attack fails on both.
    NoAttack(Sign),
}

impl StepProof {
    pub(super) fn expected(self, server: LessonServer) -> Option<(Sign, bool)> {
        match self {
            StepProof::Nothing => None,
            StepProof::Attack(sign) => Some((sign, server == LessonServer::Weakened)),
            StepProof::NoAttack(sign) => Some((sign, false)),
        }
    }
}

/// How the success of an attack shows in the response of `/session`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It is the session of the victim.
    VictimsSession,
    /// Something was counted in the session of the victim.
    Counted,
    /// The count is less than this.
    CountBelow(u64),
}

/// A header in the first exchange of a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DecisiveHeader {
    pub(crate) step: &'static str,
    pub(crate) name: &'static str,
}

pub(super) const fn step(name: &'static str, action: Action, proof: StepProof) -> LessonStep {
    LessonStep { name, action, proof }
}
