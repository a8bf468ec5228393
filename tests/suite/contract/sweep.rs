//! `SweepTable`: the low-water mark, the marks of shards and the claims of those that are handed over.

use super::{
    Tables, rules,
    values::{DUE, NEXT_DUE},
};
use crate::world::at;
use bundler::{
    limits,
    ports::SweepTable,
    table::sweep::{Claim, LowWater, Mark, Marks, Position},
};

rules! { Tables:
    a_new_table_has_no_low_water_mark,
    the_low_water_mark_rises_and_never_sinks,
    marks_are_those_of_the_windows_end_alone,
    a_mark_takes_the_place_of_the_one_before,
    the_longest_marks_of_every_shard_are_read_at_once,
    claims_stand_beside_marks_and_a_later_one_of_the_same_shards_takes_the_place_of_the_earlier,
}

async fn a_new_table_has_no_low_water_mark(tables: &impl Tables) {
    assert_eq!(tables.holding(Vec::new()).await.read_low_water().await, Ok(None));
}

async fn the_low_water_mark_rises_and_never_sinks(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let mark = |due, shards| LowWater { due: at(due), shards };
    let (earlier, middle, later) = (mark(DUE, 0), mark(DUE, 9), mark(DUE, 10));
    let (latest, early) = (mark(NEXT_DUE, 0), mark("2021-02-24T16:45:00Z", 255));
    for (raised_to, stands) in [
        (middle, middle),
        (early, middle),
        (earlier, middle),
        (middle, middle),
        (later, later),
        (middle, later),
        (latest, latest),
        (later, latest),
    ] {
        assert_eq!(table.raise_low_water(raised_to).await, Ok(()), "a mark that is not later is no error");
        assert_eq!(table.read_low_water().await, Ok(Some(stands)));
    }
}

async fn marks_are_those_of_the_windows_end_alone(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let mark = |due, shard| Mark { due: at(due), shard, position: Position::Complete };
    for mark in [mark(DUE, 0), mark(DUE, 7), mark(NEXT_DUE, 1), mark("2021-02-24T17:00:00.5Z", 2)] {
        table.put_mark(&mark).await.expect("a mark is put");
    }
    table.raise_low_water(LowWater { due: at(DUE), shards: 3 }).await.expect("the low-water mark is raised");
    let mut marks = table.read_marks(at(DUE)).await.expect("marks").shards;
    marks.sort_by_key(|mark| mark.shard);
    assert_eq!(marks, [mark(DUE, 0), mark(DUE, 7)]);
    assert_eq!(table.read_marks(at("2021-02-24T19:00:00Z")).await, Ok(Marks::default()));
}

async fn a_mark_takes_the_place_of_the_one_before(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let through = |sk: &str| Position::Through(sk.to_owned());
    for position in [through("b"), through("c"), Position::Complete, through("a")] {
        let mark = Mark { due: at(DUE), shard: 3, position };
        table.put_mark(&mark).await.expect("a mark is put");
        assert_eq!(table.read_marks(at(DUE)).await.map(|marks| marks.shards), Ok(vec![mark]));
    }
}

async fn the_longest_marks_of_every_shard_are_read_at_once(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    // DynamoDB's longest sort key.
    let position = Position::Through("x".repeat(1_024));
    for shard in 0..limits::SHARDS {
        table.put_mark(&Mark { due: at(DUE), shard, position: position.clone() }).await.expect("a mark is put");
    }
    let mut shards: Vec<_> =
        table.read_marks(at(DUE)).await.expect("marks").shards.into_iter().map(|mark| mark.shard).collect();
    shards.sort_unstable();
    assert_eq!(shards, (0..limits::SHARDS).collect::<Vec<_>>());
}

async fn claims_stand_beside_marks_and_a_later_one_of_the_same_shards_takes_the_place_of_the_earlier(
    tables: &impl Tables,
) {
    let table = tables.holding(Vec::new()).await;
    let claim = |due, shards, until| Claim { due: at(due), shards, until: at(until) };
    let (first, second) = (claim(DUE, 0..64, "2021-02-24T17:01:00Z"), claim(DUE, 0..64, "2021-02-24T17:03:00Z"));
    let (beside, later) = (claim(DUE, 64..128, "2021-02-24T17:01:00Z"), claim(NEXT_DUE, 0..64, "2021-02-24T18:01:00Z"));
    for claim in [&first, &beside, &later, &second] {
        table.put_claim(claim).await.expect("a claim is put");
    }
    let mark = Mark { due: at(DUE), shard: 0, position: Position::Complete };
    table.put_mark(&mark).await.expect("a mark is put");
    let mut marks = table.read_marks(at(DUE)).await.expect("marks");
    marks.claims.sort_by_key(|claim| claim.shards.start);
    assert_eq!(marks, Marks { shards: vec![mark], claims: vec![second, beside] });
}
