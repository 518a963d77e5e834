//! [`StepKey`]: the steps in their order, with the commands that do the same, and the expected result of each.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepKey {
    FirstVisit,
    Form,
    Login,
    Recognized,
    Record,
    Counter,
    Deletion,
    SecondLogin,
    Logout,
    Replay,
    Expiry,
}

impl StepKey {
    /// In the order of the tour.
    pub(crate) const ALL: [StepKey; 11] = [
        StepKey::FirstVisit,
        StepKey::Form,
        StepKey::Login,
        StepKey::Recognized,
        StepKey::Record,
        StepKey::Counter,
        StepKey::Deletion,
        StepKey::SecondLogin,
        StepKey::Logout,
        StepKey::Replay,
        StepKey::Expiry,
    ];

    /// The first is 1.
    pub(crate) const fn number(self) -> usize {
        self as usize + 1
    }

    pub(crate) const fn plan(self) -> StepPlan {
        match self {
            StepKey::FirstVisit => plan("first-visit", &["sessctl visit -v"], (&[200], 0, 0)),
            StepKey::Form => plan("form", &["sessctl submit / --list"], (&[200], 0, 0)),
            StepKey::Login => plan("login", &["sessctl login --user alice -v"], (&[200, 303, 200], 1, 1)),
            StepKey::Recognized => plan("recognized", &["sessctl visit -v"], (&[200], 1, 1)),
            StepKey::Record => {
                plan("record", &["sessctl show-cookies", "sessctl visit /session"], (&[200], 1, 1))
            }
            StepKey::Counter => plan("counter", &["sessctl visit -X POST /counter"; 2], (&[200, 200], 1, 1)),
            StepKey::Deletion => plan(
                "deletion",
                &[
                    "sessctl profiles copy default deleted",
                    "sessctl clear-cookies --name sessionid",
                    "sessctl visit",
                ],
                (&[200], 0, 1),
            ),
            StepKey::SecondLogin => {
                plan("second-login", &["sessctl login --user alice"], (&[200, 303, 200], 1, 2))
            }
            StepKey::Logout => plan(
                "logout",
                &["sessctl profiles copy default ended", "sessctl logout"],
                (&[200, 303, 200], 0, 1),
            ),
            StepKey::Replay => plan(
                "replay",
                &["sessctl visit /session --profile ended", "sessctl visit /session --profile deleted"],
                (&[401, 200], 0, 1),
            ),
            StepKey::Expiry => plan(
                "expiry",
                &["sessctl clock advance 31m", "sessctl visit /session --profile deleted"],
                (&[401], 0, 0),
            ),
        }
    }
}

/// What a step does and what it leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepPlan {
    /// Its name in the keys of the texts.
    pub(crate) name: &'static str,
    /// The commands that do the same, while `serve --time-travel` runs in another terminal.
    pub(crate) commands: &'static [&'static str],
    /// The statuses of the responses, and the number of cookies and records afterwards.
    pub(super) outcome: (&'static [u16], usize, usize),
}

const fn plan(
    name: &'static str,
    commands: &'static [&'static str],
    outcome: (&'static [u16], usize, usize),
) -> StepPlan {
    StepPlan { name, commands, outcome }
}
