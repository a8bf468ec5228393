//! Every row reads back as it was written, and no row's key can be taken for another's.

use super::{
    at::Appointment,
    attempt,
    bucket::{BucketMessage, BucketRow, DueRow, Pointer, Slot, Target},
    cut::Cuts,
    item::{DUE_PK, DUE_SK, EXPIRES, IndexKey, Item, ItemKey, Value},
    lane::{self, Delivery, DeliveryState, Held, LaneMessage, Progress},
    settings, stored,
    sweep::{Claim, LowWater, Mark, Marks, Position},
    turn::{self, Out, OutKind, Rest, Turn},
};
use crate::{
    attempt::{Attempt, Body, Document, ErrorClass, Failure, HEADERS, Response},
    delivery::{DeliveryKey, Lane, Subject},
    event::Event,
    health::{Health, State},
    id::{KeyPart, WebhookId, WorkspaceId},
    limits, native, samples,
    settings::{Settings, Webhook},
    signature::SigningSecret,
    timestamp::Timestamp,
    window::Granularity,
};
use serde_json::json;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect(text)
}

pub(crate) fn event() -> Event {
    let mut value = samples::native();
    value["chat"]["chat_id"] = json!("a#b / c");
    value["message"]["message_id"] = json!("x#\u{ffff}y");
    value["message"]["permalink"] = json!("https://app.timelines.ai/permalink/1/");
    native::parse(&value, "").expect("an event")
}

fn lane_of(event: &Event) -> Lane {
    let chat = KeyPart::of(event.chat.id.as_str());
    Lane { workspace: event.workspace.clone(), webhook: WebhookId::first(), chat }
}

fn slot(due: &str) -> Slot {
    let event = event();
    let message = KeyPart::of(event.message.id.as_str());
    Slot { due: at(due), lane: lane_of(&event), timestamp: event.message.timestamp, message }
}

#[test]
fn a_message_in_a_bucket_reads_back() {
    let message =
        BucketMessage { slot: slot("2021-02-24T07:00:00Z"), event: event(), at: at("2021-02-24T06:25:30.25Z") };
    let item = message.to_item();
    let due = DueRow::Message { lane: message.slot.lane.clone(), at: message.at };
    assert_eq!(DueRow::from_item(&item), Ok(due));
    let stored_bytes = stored::encode(&event(), &message.slot.lane.chat, &message.slot.message).len();
    let message = Box::new(message);
    assert_eq!(BucketRow::from_item(&item), Ok(BucketRow::Message { message, stored_bytes }));
    assert!(item.key.sk.split('#').count() == 5, "an id reached out of its place in the key");
}

#[test]
fn a_pointer_reads_back_and_lives_as_long_as_what_it_points_to() {
    for target in [Target::Bucket { due: at("2021-02-24T09:00:00Z") }, Target::Lane] {
        let pointer = Pointer { slot: slot("2021-02-24T07:00:00Z"), target, at: at("2021-02-24T08:59:59Z") };
        let item = pointer.to_item();
        let expires = match &pointer.target {
            Target::Bucket { due } => {
                BucketMessage { slot: Slot { due: *due, ..pointer.slot.clone() }, event: event(), at: pointer.at }
                    .to_item()
            }
            Target::Lane => LaneMessage {
                lane: pointer.slot.lane.clone(),
                event: event(),
                at: pointer.at,
                progress: Progress::NONE,
            }
            .to_item(),
        };
        assert_eq!(item.get_number(EXPIRES), expires.get_number(EXPIRES));
        assert_eq!(DueRow::from_item(&item), Ok(DueRow::Pointer { lane: pointer.slot.lane.clone() }));
        let Pointer { slot, target, at: _ } = pointer;
        assert_eq!(BucketRow::from_item(&item), Ok(BucketRow::Pointer { slot, target }));
    }
}

#[test]
fn a_message_of_common_length_costs_one_write_unit() {
    let mut value = samples::message("2021-02-24T16:25:29+0000", "3EB0C431C26A1916E07A", &"lorem ipsum ".repeat(20));
    value["message"]["permalink"] = json!("https://app.timelines.ai/permalink/77a28d55-5345-5435-8c72-3a7bcad8ded9/");
    let event = native::parse(&value, "").expect("an event");
    let slot =
        Slot { message: KeyPart::of(event.message.id.as_str()), lane: lane_of(&event), ..slot("2021-02-24T17:00:00Z") };
    let size = BucketMessage { slot, at: event.message.timestamp, event }.to_item().size_bytes();
    assert!(size <= 1_024, "{size} bytes");
}

#[test]
fn a_message_that_goes_out_by_itself_reads_back_with_its_outcome() {
    let message = LaneMessage {
        lane: lane_of(&event()),
        event: event(),
        at: at("2021-02-24T06:25:30Z"),
        progress: Progress { attempts: 2, errors: 1, ..Progress::NONE },
    };
    assert_eq!(LaneMessage::from_item(&message.delivery(), &message.to_item()), Ok(message));
}

#[test]
fn a_deliverys_outcome_reads_back_and_only_a_held_one_stands_in_the_index() {
    let due = at("2021-02-24T07:00:00Z");
    let key = DeliveryKey { lane: lane_of(&event()), subject: Subject::Bundle { due, cut: None } };
    let next = Some(at("2021-02-24T07:05:00Z"));
    for state in [DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::Held, DeliveryState::Failed] {
        for next in [None, next] {
            let progress = Progress { state, attempts: 3, errors: 2, parts_done: 1, next };
            let delivery = Delivery { key: key.clone(), progress };
            let item = delivery.to_item(at("2021-02-24T07:01:00Z"));
            assert_eq!(Delivery::from_item(&key, &item), Ok(delivery));
            let indexed = [DUE_PK, DUE_SK].map(|name| item.attributes.contains_key(name));
            assert_eq!(indexed, [state == DeliveryState::Held; 2], "{state:?}");
        }
    }
}

#[test]
fn a_held_delivery_is_known_by_its_keys_in_the_index_and_when_it_is_tried_next() {
    let lane = lane_of(&event());
    let (due, cut) = (at("2021-02-24T07:00:00Z"), at("2021-02-24T06:30:00Z"));
    let message = KeyPart::of("a message#");
    for subject in [
        Subject::Bundle { due, cut: None },
        Subject::Bundle { due, cut: Some(cut) },
        Subject::Message { timestamp: cut, message },
    ] {
        let key = DeliveryKey { lane: lane.clone(), subject };
        for next in [None, Some(at("2021-02-24T07:05:00Z"))] {
            let (due_pk, due_sk) = lane::held_index(&key, next);
            let index = IndexKey { due_pk, due_sk, key: lane::key(&key) };
            assert_eq!(Held::of(&index), Ok(Held { key: key.clone(), next }));
        }
    }
    for (pk, sk) in [("hook#acme#default", "health"), ("lane#acme#default", "b#x#"), ("lane#acme#default#1", "x#1#")] {
        assert!(lane::parse_key(&ItemKey { pk: pk.to_owned(), sk: sk.to_owned() }).is_err(), "{pk} {sk}");
    }
}

#[test]
fn settings_and_health_read_back_together() {
    let (workspace, webhook) = (WorkspaceId::parse("acme").expect("an id"), WebhookId::first());
    let mut value =
        Settings::new("https://example.org".to_owned(), Granularity::Hours6, SigningSecret::from_bytes([1; 32]));
    value.schedule.change(at("2021-02-24T07:00:00Z"), Granularity::None.into());
    let probe_at = at("2021-02-24T07:30:00Z");
    let state = State::Failing { since: at("2021-02-24T07:01:00Z"), probe_at, probe: None };
    let failing =
        Health { epoch: 3, consecutive_errors: 4, error_sequence: 9, revision: 12, state, ..Health::default() };
    let items = [
        settings::settings_to_item(&workspace, &webhook, &value),
        settings::health_to_item(&workspace, &webhook, &failing),
    ];
    let read = settings::webhook_from_items(&items);
    assert_eq!(read, Ok(Some(Webhook { settings: value.clone(), health: failing, turn: None })));
    // It is looked at when its probe is due.
    assert_eq!(items[1].get_text(DUE_SK), Ok(&*probe_at.key()));
    let appointment = Appointment::Health { workspace: workspace.clone(), webhook: webhook.clone() };
    assert_eq!(Appointment::of(&items[1].key), Ok(appointment));
    let turn = Turn { revision: 7 };
    let waiting = [items[0].clone(), turn.to_item(&workspace, &webhook, at("2021-02-24T07:01:00Z"))];
    let read = settings::webhook_from_items(&waiting);
    assert_eq!(read, Ok(Some(Webhook { settings: value.clone(), health: Health::default(), turn: Some(turn) })));
    let healthy = settings::webhook_from_items(&items[..1]);
    assert_eq!(healthy, Ok(Some(Webhook { settings: value, health: Health::default(), turn: None })));
    assert_eq!(settings::webhook_from_items(&items[1..]), Ok(None));
}

#[test]
fn marks_read_back() {
    let due = at("2021-02-24T07:00:00Z");
    for position in [Position::Complete, Position::Through("acme#default#1#20210224T062529#x".to_owned())] {
        let mark = Mark { due, shard: 255, position };
        assert_eq!(Mark::from_item(due, &mark.to_item()), Ok(mark));
    }
    let claim = Claim { due, shards: 32..256, until: at("2021-02-24T07:03:00Z") };
    let mark = Mark { due, shard: 3, position: Position::Complete };
    let marks = Marks { shards: vec![mark.clone()], claims: vec![claim.clone()] };
    assert_eq!(Marks::from_items(due, &[mark.to_item(), claim.to_item()]), Ok(marks));
}

#[test]
fn the_low_water_mark_reads_back_and_sorts_as_a_text() {
    let marks = [("2021-02-24T07:00:00Z", 0), ("2021-02-24T07:00:00Z", 9), ("2021-02-24T07:00:00Z", 10)];
    let marks = marks.into_iter().chain([("2021-02-24T07:00:00Z", 255), ("2021-02-24T07:15:00Z", 0)]);
    let marks: Vec<_> = marks.map(|(due, shards)| LowWater { due: at(due), shards }).collect();
    assert!(marks.is_sorted());
    assert!(marks.is_sorted_by_key(|mark| mark.to_text()));
    for mark in marks {
        assert_eq!(LowWater::from_item(&mark.to_item()), Ok(mark));
        let of_others = mark.to_item().number("shards", u64::from(limits::SHARDS / 2));
        assert!(LowWater::from_item(&of_others).is_err_and(|error| error.to_string().contains("number of shards")));
    }
}

#[test]
fn cuts_read_back_stand_before_the_messages_and_in_the_index_while_one_waits() {
    let (due, lane) = (at("2021-02-24T07:00:00Z"), lane_of(&event()));
    let moments = vec![at("2021-02-24T06:20:00.25Z"), at("2021-02-24T06:30:00Z")];
    for enqueued in 0..=2 {
        let cuts = Cuts { due, lane: lane.clone(), moments: moments.clone(), enqueued };
        let item = cuts.to_item();
        assert_eq!(BucketRow::from_item(&item), Ok(BucketRow::Cuts(cuts.clone())));
        assert_eq!(DueRow::from_item(&item), Ok(DueRow::Cuts(cuts)));
        assert!(item.key < slot("2021-02-24T07:00:00Z").key());
        let ready = moments.get(enqueued).map(|cut| cut.plus(limits::GRACE).key());
        assert_eq!(item.get_text(DUE_SK).ok(), ready.as_deref());
        assert_eq!(Appointment::of(&item.key), Ok(Appointment::Cuts { due, lane: lane.clone() }));
    }
}

#[test]
fn what_waits_its_turn_reads_back() {
    let (workspace, webhook) = (WorkspaceId::parse("acme").expect("an id"), WebhookId::first());
    let due = at("2021-02-24T07:00:00Z");
    for after in [None, Some("acme#default#1#".to_owned())] {
        let rest = Rest { workspace: workspace.clone(), webhook: webhook.clone(), due, shard: 7, after };
        assert_eq!(Rest::from_item(&workspace, &webhook, &rest.to_item()), Ok(rest));
    }
    let key = |cut| DeliveryKey { lane: lane_of(&event()), subject: Subject::Bundle { due, cut } };
    for (kind, keys) in [
        (OutKind::Turn, vec![]),
        (OutKind::Release, vec![key(None)]),
        (OutKind::Turn, vec![key(None), key(Some(at("2021-02-24T06:30:00Z")))]),
    ] {
        let out = Out { kind, keys, until: due };
        let item = out.to_item(&workspace, &webhook);
        assert_eq!(item.get_number(EXPIRES), Ok(due.seconds()));
        assert_eq!(Out::from_item(&item), Ok(out));
    }
    let turn = turn::key(&workspace, &webhook);
    assert_eq!(Appointment::of(&turn), Ok(Appointment::Turn { workspace, webhook }));
}

fn an_attempt(body: &str, result: Result<Response, Failure>) -> Attempt {
    Attempt {
        key: DeliveryKey {
            lane: lane_of(&event()),
            subject: Subject::Bundle { due: at("2021-02-24T07:00:00Z"), cut: None },
        },
        document: Document { part: 1, parts: 3, attempt: 2 },
        messages: 17,
        missing_files: Vec::new(),
        started: at("2021-02-24T07:01:00.125Z"),
        duration_ms: 12,
        url: "https://example.org/hook".to_owned(),
        request_headers: vec![("webhook-id".to_owned(), "msg_1".to_owned())],
        request_body: Body::of(body.as_bytes()),
        error: Some(ErrorClass::Status),
        result,
    }
}

#[test]
fn an_attempt_reads_back_whole() {
    let response = Response { status: 500, headers: Vec::new(), body: Body::of(&[0xff, 0]), body_is_cut: true };
    let failure = Failure { class: ErrorClass::Timeout, detail: "no answer within 15 s".to_owned() };
    for result in [Ok(response), Err(failure)] {
        let attempt = an_attempt("{}", result);
        assert_eq!(attempt::from_item(&attempt::to_item(&attempt)), Ok(attempt.clone()));
        let text = attempt::to_text(&attempt);
        assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\'), "{text}");
        let (workspace, webhook) = (&attempt.key.lane.workspace, &attempt.key.lane.webhook);
        assert_eq!(attempt::from_text(workspace, webhook, &text).as_ref(), Ok(&attempt));
        assert!(attempt::from_text(workspace, webhook, &text[..text.len() - 1]).is_err());
    }
}

#[test]
fn an_attempt_that_was_stored_before_messages_were_counted_reads_as_one_of_none() {
    let failure = Failure { class: ErrorClass::Timeout, detail: "no answer within 15 s".to_owned() };
    let attempt = an_attempt("{}\n[]", Err(failure));
    let mut item = attempt::to_item(&attempt);
    let stored = super::packed::unpack(item.get_bytes("packed").expect("bytes")).expect("it unpacks");
    let (head, body) = std::str::from_utf8(&stored).expect("text").split_once('\n').expect("a head");
    let former = format!("{}]\n{body}", head.strip_suffix(",17]").expect("the number stands last"));
    item.attributes.insert("packed".to_owned(), Value::Bytes(super::packed::pack(former.as_bytes())));
    assert_eq!(attempt::from_item(&item), Ok(Attempt { messages: 0, ..attempt }));
    assert_eq!(attempt::attempted_from_item(&item).map(|read| read.messages), Ok(0));
}

#[test]
fn an_attempts_headers_read_back_in_their_usual_places_and_elsewhere() {
    let failure = || Err(Failure { class: ErrorClass::Timeout, detail: "no answer within 15 s".to_owned() });
    let usual = HEADERS.map(|name| (name.to_owned(), format!("{name}: a:b\n\"c\"")));
    let more = [("x-more".to_owned(), String::new()), ("x-colon".to_owned(), ":".to_owned())];
    for headers in [usual.to_vec(), [&usual[..], &more].concat(), more.to_vec(), Vec::new()] {
        let attempt = Attempt { request_headers: headers, ..an_attempt("{\n}\n", failure()) };
        assert_eq!(attempt::from_item(&attempt::to_item(&attempt)), Ok(attempt));
    }
}

#[test]
fn an_attempts_delivery_reads_back_whatever_is_delivered() {
    let failure = || Err(Failure { class: ErrorClass::Timeout, detail: "no answer within 15 s".to_owned() });
    let due = at("2021-02-24T07:00:00Z");
    let message = Subject::Message { timestamp: at("2021-02-24T06:00:00.5Z"), message: KeyPart::of("x#y") };
    for subject in
        [Subject::Bundle { due, cut: None }, Subject::Bundle { due, cut: Some(at("2021-02-24T06:30:00.25Z")) }, message]
    {
        let attempt = an_attempt("{}", failure());
        let attempt = Attempt { key: DeliveryKey { subject, ..attempt.key.clone() }, ..attempt };
        assert_eq!(attempt::from_item(&attempt::to_item(&attempt)), Ok(attempt));
    }
}

#[test]
fn an_attempt_too_large_for_an_item_leaves_its_body_to_its_messages() {
    // A text that does not compress: a new letter each time, by a linear congruence.
    let mut seed = 1_u64;
    let body: String = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b' ' + u8::try_from((seed >> 33) % 90).unwrap_or_default())
    })
    .take(700_000)
    .collect();
    let failure = Failure { class: ErrorClass::Timeout, detail: "no answer within 15 s".to_owned() };
    let item = attempt::to_item(&an_attempt(&body, Err(failure)));
    assert!(item.size_bytes() < 400_000);
    let gathered = Body::Gathered { bytes: 700_000, digest: crate::attempt::digest(body.as_bytes()) };
    assert_eq!(attempt::from_item(&item).map(|read| read.request_body), Ok(gathered));
}

#[test]
fn a_deliverys_key_is_no_messages() {
    let lane = lane_of(&event());
    let due = at("2021-02-24T07:00:00Z");
    let bundle = lane::key(&DeliveryKey { lane: lane.clone(), subject: Subject::Bundle { due, cut: None } });
    let message = KeyPart::of("");
    let message = lane::key(&DeliveryKey { lane, subject: Subject::Message { timestamp: due, message } });
    assert_eq!(bundle.pk, message.pk);
    assert_ne!(bundle.sk, message.sk);
}

#[test]
fn an_item_that_is_not_ours_is_named_and_its_content_is_not() {
    let good =
        BucketMessage { slot: slot("2021-02-24T07:00:00Z"), event: event(), at: at("2021-02-24T06:25:30Z") }.to_item();
    let broken = |change: fn(&mut Item)| {
        let mut item = good.clone();
        change(&mut item);
        let error = BucketRow::from_item(&item).expect_err("an error");
        assert!(!error.to_string().contains("secret"), "{error}");
    };
    broken(|item| item.key.sk.push_str("#secret"));
    broken(|item| "secret".clone_into(&mut item.key.pk));
    broken(|item| item.attributes.clear());
    broken(|item| {
        item.attributes.insert("event".to_owned(), Value::Text("{\"secret\":1}".to_owned()));
    });
    broken(|item| {
        item.attributes.insert("target".to_owned(), Value::Text("secret".to_owned()));
    });
    assert!(stored::weight(&event()) < limits::STORED_EVENT_BYTES);
}
