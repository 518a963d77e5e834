mod failing_applications;
mod sound_answers;
mod weaknesses;
