//! What a check is about in the language of the user.

use std::borrow::Cow;

use sessctl::audit::{Check, CheckGroup};

use crate::texts::Texts;

/// The title of a check.
pub(super) fn title(check: &Check, texts: Texts) -> Cow<'static, str> {
    texts.say_or(&format!("check-{}-title", check.id), &[], check.title)
}

/// What a check sends.
pub(super) fn sends(check: &Check, texts: Texts) -> Cow<'static, str> {
    texts.say_or(&format!("check-{}-sends", check.id), &[], check.sends)
}

/// What must give the other answer.
pub(super) fn control(check: &Check, texts: Texts) -> Cow<'static, str> {
    texts.say_or(&format!("check-{}-control", check.id), &[], check.control)
}

/// How to fix a finding.
pub(super) fn fix(check: &Check, texts: Texts) -> Cow<'static, str> {
    texts.say_or(&format!("check-{}-fix", check.id), &[], check.fix)
}

/// The heading of a group.
pub(super) fn group(group: CheckGroup, texts: Texts) -> Cow<'static, str> {
    texts.say_or(&format!("audit-group-{group:?}"), &[], group.heading())
}

/// `3.3.1 L1, 7.2.4 L1`
pub(super) fn asvs(check: &Check) -> String {
    check.asvs.iter().map(|it| format!("{} L{}", it.number, it.level)).collect::<Vec<String>>().join(", ")
}

/// `384, 613`
pub(super) fn cwe(check: &Check) -> String {
    check.cwe.iter().map(ToString::to_string).collect::<Vec<String>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sessctl::audit::CHECKS;

    #[test]
    fn every_check_has_korean_texts_and_every_text_has_a_check() {
        let parts = ["title", "sends", "control", "fix"];
        let needed = CHECKS.iter().flat_map(|check| parts.map(|part| format!("check-{}-{part}", check.id)));
        let korean = include_str!("../../texts/ko.ftl").lines().filter(|line| line.starts_with("check-"));
        let korean = korean.filter_map(|line| line.split_once(" =").map(|(key, _)| key.to_owned()));
        assert_eq!(korean.collect::<BTreeSet<String>>(), needed.collect());
    }
}
