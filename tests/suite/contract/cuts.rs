//! `CutTable`: cuts that nobody overwrites unseen, and the index that tells when they are due.

use super::{
    Tables, rules,
    values::{DUE, NEXT_DUE, event, in_bucket, lane},
};
use crate::world::at;
use bundler::{
    delivery::Lane,
    ports::{CutTable, ReadBucket, SweepTable},
    table::{
        at::Appointment,
        bucket::{BucketRow, DueRow},
        cut::Cuts,
    },
};

rules! { Tables:
    a_bucket_that_was_never_cut_has_no_cuts,
    cuts_are_put_where_what_was_read_still_stands,
    cuts_that_somebody_else_has_put_meanwhile_stay,
    cuts_stand_before_the_messages_of_their_bucket,
    cuts_have_an_appointment_until_all_are_on_their_way,
    appointments_come_earliest_first_up_to_the_moment_asked_for,
}

const SENT: &str = "2021-02-24T16:25:29Z";

fn cuts(lane: &Lane, moments: &[&str], enqueued: usize) -> Cuts {
    let moments = moments.iter().map(|moment| at(moment)).collect();
    Cuts { moments, enqueued, ..Cuts::none(at(DUE), lane.clone()) }
}

async fn a_bucket_that_was_never_cut_has_no_cuts(tables: &impl Tables) {
    let items = vec![in_bucket(&lane("1"), DUE, event(SENT, "a", "text")).to_item()];
    assert_eq!(tables.holding(items).await.read_cuts(at(DUE), &lane("1")).await, Ok(None));
}

async fn cuts_are_put_where_what_was_read_still_stands(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let first = cuts(&lane("1"), &["2021-02-24T16:30:00Z"], 0);
    let second = cuts(&lane("1"), &["2021-02-24T16:30:00Z", "2021-02-24T16:40:00.5Z"], 0);
    let third = Cuts { enqueued: 2, ..second.clone() };
    let mut read = None;
    for put in [first, second, third] {
        assert_eq!(table.put_cuts(&put, read.as_ref()).await, Ok(true));
        read = table.read_cuts(at(DUE), &lane("1")).await.expect("cuts");
        assert_eq!((read.as_ref(), tables.items(&table).await), (Some(&put), vec![put.to_item()]));
    }
    for (due, lane) in [(NEXT_DUE, lane("1")), (DUE, lane("2"))] {
        assert_eq!(table.read_cuts(at(due), &lane).await, Ok(None));
    }
}

async fn cuts_that_somebody_else_has_put_meanwhile_stay(tables: &impl Tables) {
    let standing = cuts(&lane("1"), &["2021-02-24T16:30:00Z"], 0);
    let put = cuts(&lane("1"), &["2021-02-24T16:30:00Z", "2021-02-24T16:40:00Z"], 0);
    let others = [
        cuts(&lane("1"), &["2021-02-24T16:29:00Z"], 0),
        cuts(&lane("1"), &["2021-02-24T16:30:00Z"], 1),
        cuts(&lane("1"), &["2021-02-24T16:30:00Z", "2021-02-24T16:31:00Z"], 0),
    ];
    let table = tables.holding(vec![standing.to_item()]).await;
    for read in std::iter::once(None).chain(others.iter().map(Some)) {
        assert_eq!(table.put_cuts(&put, read).await, Ok(false));
        assert_eq!(tables.items(&table).await, [standing.to_item()]);
    }
    let empty = tables.holding(Vec::new()).await;
    assert_eq!(empty.put_cuts(&put, Some(&standing)).await, Ok(false));
    assert_eq!(tables.items(&empty).await, []);
}

async fn cuts_stand_before_the_messages_of_their_bucket(tables: &impl Tables) {
    let (message, cuts) = (
        in_bucket(&lane("1"), DUE, event("1970-01-01T00:00:00Z", "!", "text")),
        cuts(&lane("1"), &["2021-02-24T16:30:00Z"], 0),
    );
    let table = tables.holding(vec![message.to_item(), cuts.to_item()]).await;
    let bucket = table.read_bucket(at(DUE), &lane("1"), None).await.expect("a page");
    assert_eq!(bucket.rows[0], BucketRow::Cuts(cuts.clone()));
    let due = table.read_due(at(DUE), lane("1").shard(), None, None).await.expect("a page");
    assert_eq!(due.rows, [DueRow::Cuts(cuts), DueRow::Message { lane: lane("1"), at: message.at }]);
}

async fn appointments_until(table: &impl SweepTable, now: &str) -> Vec<Appointment> {
    let page = table.read_appointments(at(now), None).await.expect("a page");
    assert_eq!((page.unreadable, page.after), (0, None));
    page.rows
}

async fn cuts_have_an_appointment_until_all_are_on_their_way(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let moments = ["2021-02-24T16:30:00Z", "2021-02-24T16:40:00Z"];
    let mut read = None;
    // When the grace of the first that waits is over, and not before.
    for (enqueued, before, from) in [
        (0, "2021-02-24T16:30:44.999Z", Some("2021-02-24T16:30:45Z")),
        (1, "2021-02-24T16:40:44.999Z", Some("2021-02-24T16:40:45Z")),
        (2, "2021-02-25T16:40:45Z", None),
    ] {
        let put = cuts(&lane("1"), &moments, enqueued);
        assert_eq!(table.put_cuts(&put, read.as_ref()).await, Ok(true));
        assert_eq!(appointments_until(&table, before).await, []);
        if let Some(from) = from {
            let appointment = Appointment::Cuts { due: at(DUE), lane: lane("1") };
            assert_eq!(appointments_until(&table, from).await, [appointment]);
        }
        read = Some(put);
    }
}

async fn appointments_come_earliest_first_up_to_the_moment_asked_for(tables: &impl Tables) {
    let minutes = [("3", "16:33"), ("1", "16:31"), ("4", "16:34"), ("2", "16:32")];
    let items = minutes.map(|(chat, minute)| cuts(&lane(chat), &[&format!("2021-02-24T{minute}:00Z")], 0).to_item());
    let table = tables.holding(items.into()).await;
    let chats = |rows: &[Appointment]| -> Vec<String> {
        let chat = |row: &Appointment| match row {
            Appointment::Cuts { lane, .. } => lane.chat.to_string(),
            Appointment::Turn { .. } | Appointment::Health { .. } | Appointment::File(_) => {
                panic!("nothing else waits")
            }
        };
        rows.iter().map(chat).collect()
    };
    assert_eq!(chats(&appointments_until(&table, "2021-02-24T16:33:45Z").await), ["1", "2", "3"]);
    let behind = cuts(&lane("2"), &["2021-02-24T16:32:00Z"], 0).to_item().index_key();
    let page = table.read_appointments(at(NEXT_DUE), behind.as_ref()).await.expect("a page");
    assert_eq!(chats(&page.rows), ["3", "4"]);
}
