//! `tour --lesson`: plays a lesson against a weakened server, then against the sound one.

use std::sync::Arc;

use super::continues;
use super::tour_server::TourServer;
use crate::app::weaknesses::{WEAKNESSES, Weaknesses};
use crate::commands::failure::{Failure, Outcome};
use crate::output::Output;
use crate::texts::Texts;
use crate::tour::{Lesson, LessonRun, LessonServer, PlayedStep};

pub(super) fn teach(lesson: &'static Lesson, texts: &Texts, waits: bool, output: &mut Output) -> Outcome {
    output.lesson_begins(texts, lesson);
    let last = 2 * lesson.steps.len();
    let mut played: Vec<PlayedStep> = Vec::new();
    for kind in [LessonServer::Weakened, LessonServer::Sound] {
        let server = TourServer::start(faults(lesson, kind)?)?;
        output.lesson_server(texts, lesson, kind, &server.url);
        let mut run = start(lesson, kind, &server);
        for step in lesson.steps {
            if waits && !continues(played.len() + 1, last, texts, output)? {
                return Ok(());
            }
            let step = server.runtime.block_on(run.play(step))?;
            output.lesson_step(texts, lesson, &step);
            played.push(step);
        }
        server.stop();
    }
    Ok(output.lesson_ends(texts, lesson, &played)?)
}

fn start(lesson: &'static Lesson, kind: LessonServer, server: &TourServer) -> LessonRun {
    LessonRun::new(lesson, kind, server.url.clone(), server.sessions.clone(), Arc::clone(&server.clock))
}

/// The faults of the server: one, or none.
fn faults(lesson: &Lesson, kind: LessonServer) -> Result<Option<Arc<Weaknesses>>, Failure> {
    let entry =
        WEAKNESSES.iter().find(|entry| entry.name == lesson.weakness && kind == LessonServer::Weakened);
    let weaknesses = entry.map(|entry| Weaknesses::of(&[entry.weakness], false, None)).transpose();
    Ok(weaknesses.map_err(|error| Failure::failed(error.to_string()))?.flatten().map(Arc::new))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::exit::Exit;
    use crate::tour::LESSONS;

    /// Plays the lesson as if the server with the faults of `has` were `claimed`.
    fn played(lesson: &'static Lesson, has: LessonServer, claimed: LessonServer) -> Outcome {
        let server = TourServer::start(faults(lesson, has)?)?;
        let mut run = start(lesson, claimed, &server);
        for step in lesson.steps {
            server.runtime.block_on(run.play(step))?;
        }
        server.stop();
        Ok(())
    }

    #[test]
    fn a_lesson_fails_if_the_attack_does_not_end_as_it_teaches() {
        use LessonServer::{Sound, Weakened};
        for lesson in &LESSONS {
            for (has, claimed, found) in [
                (Sound, Weakened, "on the weakened server: the attack failed"),
                (Weakened, Sound, "on the sound server: the attack succeeded"),
            ] {
                let failure = played(lesson, has, claimed).expect_err(lesson.name);
                assert_eq!(failure.exit, Exit::Failed, "{}", lesson.name);
                let message = failure.message.to_string();
                assert!(message.contains(found) && message.contains(lesson.name), "{message}");
            }
        }
    }
}
