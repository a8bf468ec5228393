//! The headers that an owner adds to each request, and what is recorded of what they and a receiver's answer hold.

use super::{attempts, due};
use crate::world::{Reply, run};
use bundler::{
    attempt::{HEADERS, Request},
    endpoint::{Policy, Reach, Scheme},
    header::CustomHeaders,
    ports::Post,
};
use std::{
    io::{ErrorKind, Read},
    net::{Ipv4Addr, TcpListener},
};

fn pairs(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_owners_headers_go_out_behind_ours_and_their_values_are_in_no_record() {
    let own = pairs(&[("authorization", "Bearer s3cr3t"), ("x-api-key", "s3cr3t 2")]);
    let (world, records) = due(&["1"]);
    world.configure(|settings| settings.headers = CustomHeaders::parse(own.clone()).expect("headers"));
    world.deliver_records(records);
    let request = world.receiver.requests().remove(0);
    let (ours, theirs) = request.headers.split_at(HEADERS.len());
    assert_eq!(ours.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), HEADERS);
    assert_eq!(theirs, own);
    let recorded = attempts(&world).remove(0).request_headers;
    let masked = pairs(&[("authorization", "***"), ("x-api-key", "***")]);
    assert_eq!(recorded, [ours, &masked].concat());
}

#[test]
fn what_a_receiver_keeps_a_session_by_is_in_no_record() {
    let (world, records) = due(&["1"]);
    let answer = pairs(&[("server", "nginx"), ("set-cookie", "session=s3cr3t"), ("set-cookie", "other=s3cr3t")]);
    world.receiver.answers(move |_| Reply::Heads(200, answer.clone()));
    world.deliver_records(records);
    let response = attempts(&world).remove(0).result.expect("a response");
    assert_eq!(response.headers, pairs(&[("server", "nginx"), ("set-cookie", "***"), ("set-cookie", "***")]));
}

#[test]
fn a_header_that_would_break_its_line_is_not_sent_by_the_client_either() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.set_nonblocking(true).expect("a socket that does not wait");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let client = outbound::Client::new(Policy { scheme: Scheme::HttpToo, reach: Reach::Private }).expect("a client");
    for header in [("x-a", "1\r\nx-evil: 1"), ("x-a", "1\n"), ("x-a", "\0"), ("x-a\r\nx-evil", "1"), ("", "1")] {
        let request = Request { url: url.clone(), headers: pairs(&[header]), body: b"{}".to_vec() };
        let failure = run(client.post(&request)).result.expect_err("no request");
        assert!(!failure.detail.contains("evil"), "{failure:?}");
        let error = listener.accept().map(|(mut stream, _)| stream.read(&mut [0; 1])).expect_err("nobody came");
        assert_eq!(error.kind(), ErrorKind::WouldBlock, "{header:?}");
    }
}
