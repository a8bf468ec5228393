//! Random and mutated calls, from a generator of our own with a fixed seed: no panic, no 5xx, no reply that is not JSON.

use super::{PATH, good, header, problem, world};
use crate::world::Random;
use serde_json::json;

const CALLS: usize = 20_000;

/// Some bytes changed, put in, taken out, doubled, or replaced by JSON of another kind.
fn mutate(random: &mut Random, mut body: Vec<u8>) -> Vec<u8> {
    const PIECES: [&[u8]; 12] =
        [b"null", b"{}", b"[]", b"\"", b"\\u0000", b"1e400", b"-1", b",", b"}", b"]", b"\xff", b"\\ud800"];
    for _ in 0..=random.below(3) {
        let place = random.below(body.len().max(1)).min(body.len());
        let end = (place + random.below(12)).min(body.len());
        match random.below(6) {
            0 if place < body.len() => body[place] = random.byte(),
            0 | 1 => body.insert(place, random.byte()),
            2 => drop(body.drain(place..end)),
            3 => {
                let piece = body[place..end].to_vec();
                body.splice(place..place, piece);
            }
            4 => body.truncate(place),
            _ => drop(body.splice(place..end, random.one_of(&PIECES).iter().copied())),
        }
    }
    body
}

#[test]
fn no_call_whatever_its_bytes_makes_the_api_panic_or_fail() {
    let (world, mut random) = (world(), Random(20_210_224));
    let (right, one) = (world.bearer(), serde_json::to_vec(&good("1")).expect("JSON"));
    let several = serde_json::to_vec(&json!([good("2"), good("3"), good("4")])).expect("JSON");
    let paths = [PATH, PATH, PATH, PATH, "/", "", "/v1/workspaces//messages", "/v1/workspaces/a\0#/messages"];
    let (mut taken, mut refused) = (0, 0);
    for call in 0..CALLS {
        let body = match random.below(4) {
            0 => random.bytes(300),
            1 => mutate(&mut random, several.clone()),
            _ => mutate(&mut random, one.clone()),
        };
        let wrong = String::from_utf8_lossy(&random.bytes(80)).into_owned();
        let authorization = random.one_of(&[Some(&right), Some(&right), Some(&right), Some(&wrong), None]);
        let (method, path) = (random.one_of(&["POST", "POST", "POST", "GET", ""]), random.one_of(&paths));
        let before = world.stored();
        let reply = world.call(method, path, authorization.map(String::as_str), &body);
        let shown = || format!("call {call}: {method} {path} {:?}", String::from_utf8_lossy(&body));
        match reply.status {
            202 => {
                assert_eq!(header(&reply, "content-type"), Some("application/json"), "{}", shown());
                taken += 1;
            }
            400 | 401 | 404 | 405 | 422 => {
                problem(&reply);
                assert_eq!(world.stored(), before, "{}", shown());
                refused += 1;
            }
            status => panic!("{status} to {}", shown()),
        }
    }
    assert!(taken > 100 && refused > 1_000, "{taken} taken, {refused} refused: the mutations are too mild or too wild");
}
