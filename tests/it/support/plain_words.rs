//! The language of texts that people read: phrases that this project does not use, and British spellings.

/// Phrases that are not plain English. They match as whole words, in any case.
pub const REJECTED: &[&str] = &[
    "stranger",
    "strangers",
    "newcomer",
    "newcomers",
    "whoever",
    "anybody",
    "somebody",
    "of one's own",
    "is none",
    "are none",
    "was none",
    "to be had",
    "by hand",
    "in the clear",
    "way out",
    "go along",
    "goes along",
    "went along",
    "has to hold",
    "did not hold",
    "stands for",
    "taken for",
    "such a one",
    "octet",
    "octets",
];

/// Beginnings of words in British spelling, in any case.
pub const BRITISH: &[&str] = &[
    "analyse",
    "authoris",
    "behaviour",
    "cancell",
    "centre",
    "colour",
    "favour",
    "grey",
    "honour",
    "initialis",
    "judgement",
    "labell",
    "licence",
    "minimis",
    "neighbour",
    "normalis",
    "optimis",
    "organis",
    "recognis",
    "serialis",
    "summaris",
    "unrecognis",
    "whilst",
];

/// Korean phrases that are translated word for word.
pub const REJECTED_KOREAN: &[&str] = &[
    "하나하나 따로여서",
    "알아보는 방문",
    "닫을 때 잊습니다",
    "만료 시각이 지난 Set-Cookie",
    "새 기록, 곧",
    "시간이 다 되",
    "저절로",
    "쓰임새",
    "없어지는 때",
    "임시 글",
    "쓰지 않으면",
    "늦어도 끝",
    "바뀐 것",
    "초당 요청",
    "약속한 것을",
    "갖추어 한 단계씩",
    "저마다",
    "아직 누구인지 모릅니다",
    "하게 하세요",
    "옥텟",
];

/// Each rejected Korean phrase in a text, as `LINE: PHRASE`.
pub fn rejected_korean(text: &str) -> Vec<String> {
    let lines = text.lines().zip(1..);
    let phrases = lines.flat_map(|(line, number)| {
        REJECTED_KOREAN.iter().filter(|it| line.contains(**it)).map(move |it| format!("{number}: {it}"))
    });
    phrases.collect()
}

/// Each rejected phrase and British spelling in a text, as `LINE: PHRASE`. A phrase may continue on the next line.
pub fn rejected(text: &str) -> Vec<String> {
    // Of the same length as the text, so that positions in both are the same.
    let plain = text.to_ascii_lowercase().replace('\n', " ");
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut found = Vec::new();
    let phrases =
        REJECTED.iter().map(|phrase| (phrase, true)).chain(BRITISH.iter().map(|start| (start, false)));
    for (phrase, is_whole) in phrases {
        for (start, _) in plain.match_indices(phrase) {
            let begins = !is_word(plain[..start].chars().next_back());
            let ends = !is_whole || !is_word(plain[start + phrase.len()..].chars().next());
            if begins && ends {
                found.push((text[..start].matches('\n').count() + 1, phrase));
            }
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(line, phrase)| format!("{line}: {phrase}")).collect()
}

#[test]
fn rejected_phrases_are_found_across_lines_and_parts_of_words_are_not() {
    let text = "A Stranger sends octets,\nand there is\nnone. Estrangers and coloured greyhounds.";
    assert_eq!(rejected(text), ["1: octets", "1: stranger", "2: is none", "3: colour", "3: grey"]);
    assert_eq!(rejected_korean("이 값은\n4096옥텟까지입니다"), ["2: 옥텟"]);
    assert!(rejected("Plain words, whatever the color; `none` is a value.").is_empty());
}
