//! Files that cannot be had: each is given up for what it is, at once or after its tries, and nothing of it is kept.

use super::{Desk, URL, source::Answer, with_file};
use bundler::{
    attempt::ErrorClass,
    file::{FileState, Trouble},
    limits,
    window::Granularity,
};
use std::time::Duration;

const BODY: &[u8] = b"twenty bytes in all.";

/// What becomes of a file of 20 bytes that is declared as a PNG, and how often its source was asked.
fn fate(prepare: impl FnOnce(&Desk), size: Option<u64>) -> (FileState, usize) {
    let desk = Desk::new(Granularity::Hours1);
    prepare(&desk);
    let event = with_file("1", size, "image/png");
    desk.world.ingest(&event);
    for wait in [Duration::ZERO].into_iter().chain(limits::FILE_RETRIES) {
        desk.world.clock.pass(wait);
        desk.copy();
    }
    assert_eq!(desk.world.files.inner.due_copies(), Ok(Vec::new()), "nothing is left to try");
    assert!(!desk.file(&event).is_open());
    if let FileState::Gone(_) = desk.file(&event).state {
        assert_eq!(desk.copied(&event), None, "nothing of it is kept");
    }
    (desk.file(&event).state, desk.internet.take_asked().len())
}

#[test]
fn what_will_not_change_is_asked_for_once_and_what_may_pass_four_times() {
    let all = 1 + limits::FILE_RETRIES.len();
    let size = Some(BODY.len() as u64);
    let png = || Answer::file("image/png", BODY);
    for (answer, size, trouble, asked) in [
        (Ok(Answer::status(404)), None, Trouble::NotFound, 1),
        (Ok(Answer::status(410)), None, Trouble::NotFound, 1),
        (Ok(Answer::status(403)), None, Trouble::Denied, 1),
        (Ok(Answer::status(401)), None, Trouble::Denied, 1),
        (Ok(Answer::status(500)), None, Trouble::Status, all),
        (Ok(Answer::status(206)), None, Trouble::Status, all),
        // To an address that is not public, by whatever name or redirect.
        (Err(ErrorClass::BlockedAddress), None, Trouble::Address, 1),
        (Err(ErrorClass::InvalidUrl), None, Trouble::Address, 1),
        (Err(ErrorClass::Redirect), None, Trouble::Address, 1),
        (Err(ErrorClass::Dns), None, Trouble::Connection, all),
        (Err(ErrorClass::Timeout), None, Trouble::Slow, all),
        (Err(ErrorClass::Tls), None, Trouble::Connection, all),
        // It breaks off, or takes for ever, in the middle.
        (Ok(Answer { breaks: Some(ErrorClass::Body), ..png() }), None, Trouble::Connection, all),
        (Ok(Answer { breaks: Some(ErrorClass::Timeout), ..png() }), None, Trouble::Slow, all),
        // It lies about its size, in its head or by what comes; or upstream did.
        (Ok(png()), Some(19), Trouble::Size, all),
        (Ok(png()), Some(21), Trouble::Size, all),
        (Ok(Answer { size: None, ..png() }), Some(19), Trouble::Size, all),
        (Ok(Answer { size: None, ..png() }), Some(21), Trouble::Size, all),
        (Ok(Answer { size: Some(7), ..png() }), None, Trouble::Size, all),
        (Ok(Answer { size: Some(limits::COPIED_FILE_BYTES + 1), ..png() }), None, Trouble::TooLarge, 1),
        // A page that asks for a login is no picture.
        (Ok(Answer::file("text/html; charset=utf-8", BODY)), size, Trouble::Type, 1),
    ] {
        let shown = answer.as_ref().map(|answer| answer.status).map_err(|class| class.name());
        let prepare = |desk: &Desk| match answer {
            Ok(answer) => desk.internet.has(URL, answer),
            Err(class) => desk.internet.fails(URL, class),
        };
        assert_eq!(fate(prepare, size), (FileState::Gone(trouble), asked), "{shown:?} {size:?}");
    }
    assert_eq!(fate(|desk| desk.internet.has(URL, png()), size), (FileState::Kept { size: 20 }, 1));
}

#[test]
fn a_file_that_says_nothing_of_its_size_is_cut_off_where_it_is_too_large() {
    let large = vec![0; usize::try_from(limits::COPIED_FILE_BYTES).expect("a size") + 1];
    let endless = Answer { size: None, ..Answer::file("image/png", &large) };
    assert_eq!(fate(|desk| desk.internet.has(URL, endless), None), (FileState::Gone(Trouble::TooLarge), 1));
}

#[test]
fn what_passes_is_there_after_the_next_try() {
    let desk = Desk::new(Granularity::Hours1);
    let event = with_file("1", None, "image/png");
    desk.internet.has(URL, Answer::status(503));
    desk.world.ingest(&event);
    assert_eq!((desk.copy(), desk.copy()), (1, 0), "the next try has a time of its own");
    desk.internet.has(URL, Answer::file("image/png", BODY));
    desk.world.clock.pass(limits::FILE_RETRIES[0]);
    assert_eq!(desk.copy(), 1);
    assert_eq!(desk.file(&event).state, FileState::Kept { size: 20 });
}
