//! `history`: what the profile's commands did, as a timeline, as a diagram, as a HAR.

use std::path::Path;

use sessctl::client::history::Record;

use super::exit::{FAILED, Failure, Outcome};
use super::profile;
use crate::cli::{ClientArgs, HistoryArgs};
use crate::output::{Drawing, Output};

/// How many records are shown where nobody says.
const IN_TIMELINE: usize = 10;
const IN_DIAGRAM: usize = 1;

pub(super) fn run(args: &HistoryArgs, client_args: &ClientArgs, output: &mut Output) -> Outcome {
    let Some(file) = profile::history_file(client_args)? else {
        return Err(Failure::usage("a jar that is named by --jar has no history: only profiles have"));
    };
    if args.clear {
        file.clear()?;
        output.info("the history is empty now; the cookies are as they were");
        return Ok(());
    }
    let records = chosen(args, file.read(output.reveals())?)?;
    if records.is_empty() && !output.is_json() {
        output.info("the history is empty: login, visit, submit and logout write it");
    }
    if args.har {
        output.har(&records);
    } else if args.diagram {
        output.answer_diagram(&records, Drawing::Terminal);
    } else if args.mermaid {
        output.answer_diagram(&records, Drawing::Mermaid);
    } else if let Some(path) = &args.svg {
        return svg(path, &records, output);
    } else {
        output.timeline(&records);
    }
    Ok(())
}

fn chosen(args: &HistoryArgs, all: Vec<(u64, Record)>) -> Result<Vec<(u64, Record)>, Failure> {
    let is_there = |wanted: &&u64| !all.iter().any(|(number, _)| number == *wanted);
    if let Some(missing) = args.numbers.iter().find(is_there) {
        let there = match (all.first(), all.last()) {
            (Some((first, _)), Some((last, _))) => format!("there are {first} to {last}"),
            _ => "it is empty".to_owned(),
        };
        return Err(Failure::new(FAILED, format!("there is no number {missing} in the history: {there}")));
    }
    if !args.numbers.is_empty() {
        return Ok(all.into_iter().filter(|(number, _)| args.numbers.contains(number)).collect());
    }
    let by_default = if args.har {
        all.len()
    } else if args.diagram || args.mermaid || args.svg.is_some() {
        IN_DIAGRAM
    } else {
        IN_TIMELINE
    };
    let skipped = all.len().saturating_sub(args.last.unwrap_or(by_default));
    Ok(all.into_iter().skip(skipped).collect())
}

fn svg(path: &Path, records: &[(u64, Record)], output: &mut Output) -> Outcome {
    if path == Path::new("-") {
        output.answer_diagram(records, Drawing::Svg);
        return Ok(());
    }
    let failed = |error| anyhow::Error::from(error).context(format!("cannot write {}", path.display()));
    std::fs::write(path, output.diagram(records, Drawing::Svg)).map_err(failed)?;
    output.info(&format!("{} is written", path.display()));
    Ok(())
}
