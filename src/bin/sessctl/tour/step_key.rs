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

    /// Its name in the keys of the texts.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            StepKey::FirstVisit => "first-visit",
            StepKey::Form => "form",
            StepKey::Login => "login",
            StepKey::Recognized => "recognized",
            StepKey::Record => "record",
            StepKey::Counter => "counter",
            StepKey::Deletion => "deletion",
            StepKey::SecondLogin => "second-login",
            StepKey::Logout => "logout",
            StepKey::Replay => "replay",
            StepKey::Expiry => "expiry",
        }
    }

    /// The first is 1.
    pub(crate) const fn number(self) -> usize {
        self as usize + 1
    }

    /// The commands that do the same, while `serve --time-travel` runs in another terminal.
    pub(crate) const fn commands(self) -> &'static [&'static str] {
        match self {
            StepKey::FirstVisit | StepKey::Recognized => &["sessctl visit -v"],
            StepKey::Form => &["sessctl submit / --list"],
            StepKey::Login => &["sessctl login --user alice -v"],
            StepKey::Record => &["sessctl show-cookies", "sessctl visit /session"],
            StepKey::Counter => &["sessctl visit -X POST /counter", "sessctl visit -X POST /counter"],
            StepKey::Deletion => &[
                "sessctl profiles copy default deleted",
                "sessctl clear-cookies --name sessionid",
                "sessctl visit",
            ],
            StepKey::SecondLogin => &["sessctl login --user alice"],
            StepKey::Logout => &["sessctl profiles copy default ended", "sessctl logout"],
            StepKey::Replay => {
                &["sessctl visit /session --profile ended", "sessctl visit /session --profile deleted"]
            }
            StepKey::Expiry => &["sessctl clock advance 31m", "sessctl visit /session --profile deleted"],
        }
    }

    /// The statuses of the responses, and the number of cookies and records afterwards.
    pub(super) const fn outcome(self) -> (&'static [u16], usize, usize) {
        match self {
            StepKey::FirstVisit | StepKey::Form => (&[200], 0, 0),
            StepKey::Login => (&[200, 303, 200], 1, 1),
            StepKey::Recognized | StepKey::Record => (&[200], 1, 1),
            StepKey::Counter => (&[200, 200], 1, 1),
            StepKey::Deletion => (&[200], 0, 1),
            StepKey::SecondLogin => (&[200, 303, 200], 1, 2),
            StepKey::Logout => (&[200, 303, 200], 0, 1),
            StepKey::Replay => (&[401, 200], 0, 1),
            StepKey::Expiry => (&[401], 0, 0),
        }
    }
}
