//! Failed tries: so many a minute of one source are answered for what they are.

use super::{Asker, Desk, HOOK};
use crate::world::Loses;
use bundler::{limits, window::Granularity};

fn wrong() -> Asker {
    Asker::default().with("authorization", "Bearer wrong")
}

#[test]
fn a_source_that_guesses_too_often_is_turned_away_whatever_it_has_until_the_minute_is_over() {
    let desk = Desk::new(Granularity::Hours1);
    for _ in 0..limits::FAILED_TRIES {
        assert_eq!(desk.ask(&wrong(), "GET", HOOK, None).status, 401);
    }
    let told = desk.ask(&wrong(), "GET", HOOK, None);
    assert_eq!((told.status, told.header("retry-after")), (429, "60"));
    desk.world.tape.take();
    assert_eq!(desk.get(HOOK).status, 429, "also with the right key");
    assert_eq!(desk.ask(&Asker::default(), "POST", "/portal/x", None).status, 429);
    assert!(desk.world.tape.take().is_empty(), "and nothing is asked of the table for it");
    assert_eq!(desk.ask(&desk.admin().from(7), "GET", HOOK, None).status, 200, "others are listened to");
    desk.world.clock.pass(limits::FAILED_TRIES_WINDOW);
    assert_eq!(desk.get(HOOK).status, 200);
}

#[test]
fn links_that_are_not_ours_and_forged_changes_count_and_an_honest_mistake_does_not() {
    let desk = Desk::new(Granularity::Hours1);
    for _ in 0..3 * limits::FAILED_TRIES {
        assert_eq!(desk.ask(&Asker::default(), "GET", HOOK, None).status, 401);
        assert_eq!(desk.get("/v1/workspaces/acme/webhooks/other").status, 404);
    }
    for _ in 0..limits::FAILED_TRIES {
        assert_eq!(desk.ask(&Asker::default(), "POST", "/portal/x", None).status, 404);
    }
    assert_eq!(desk.ask(&Asker::default(), "POST", "/portal/x", None).status, 429);
    let cookie = desk.cookie(&desk.session("acme", bundler::portal::Grant::Full)).from(9);
    for _ in 0..limits::FAILED_TRIES {
        assert_eq!(desk.ask(&cookie, "POST", &format!("{HOOK}/secret"), None).status, 403);
    }
    assert_eq!(desk.ask(&cookie, "POST", &format!("{HOOK}/secret"), None).status, 429);
}

#[test]
fn a_try_that_could_not_be_counted_is_answered_for_what_it_is() {
    let desk = Desk::new(Granularity::Hours1);
    desk.world.tape.fail("count_failed_try", 0, Loses::Request);
    assert_eq!(desk.ask(&wrong(), "GET", HOOK, None).status, 401);
}

#[test]
fn trouble_of_ours_is_said_to_be_ours() {
    let desk = Desk::new(Granularity::Hours1);
    desk.world.tape.fail("read_webhook", 0, Loses::Request);
    let told = desk.get(HOOK);
    assert_eq!((told.status, told.header("retry-after")), (503, "1"));
    assert!(desk.world.log.all().iter().any(|line| line.contains("ERROR") && line.contains("\"error\"")));
}
