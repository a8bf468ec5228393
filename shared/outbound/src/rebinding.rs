//! Tests against names whose addresses change: between the check and the connection, from call to call, within one
//! answer. A canary listens on loopback and must never be called. Clocks are virtual; nothing here waits.

use crate::{Client, resolver::Lookup};
use bundler::{
    attempt::{ErrorClass, Exchange, Request},
    endpoint::{Policy, Reach, Scheme},
    limits,
    ports::Post,
};
use rustls::RootCertStore;
use std::{
    io::{self, Read, Write},
    net::{IpAddr, SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// Public by every rule, and nobody's: IANA has not given this part of global unicast to anyone, so no test calls a host.
const PUBLIC: &str = "2d00::1";
const LOOPBACK: &str = "127.0.0.1";

/// Answers call by call, in turns.
#[derive(Clone)]
struct Turns {
    answers: Arc<[Vec<IpAddr>]>,
    calls: Arc<AtomicUsize>,
}

impl Turns {
    fn new<const N: usize>(answers: [&[&str]; N]) -> Self {
        let parsed = |answer: &[&str]| answer.iter().map(|address| address.parse().expect(address)).collect();
        Self { answers: answers.into_iter().map(parsed).collect(), calls: Arc::default() }
    }
}

impl Lookup for Turns {
    async fn lookup(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(self.answers[call % self.answers.len()].clone())
    }
}

/// A resolver that never answers.
struct Silent;

impl Lookup for Silent {
    async fn lookup(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
        std::future::pending().await
    }
}

/// Listens on both loopback addresses. The system makes the connections; they are counted when asked for.
struct Canary {
    listeners: Vec<TcpListener>,
    port: u16,
}

impl Canary {
    fn new() -> Self {
        let first = TcpListener::bind((LOOPBACK, 0)).expect("a port");
        let port = first.local_addr().expect("an address").port();
        // A machine without IPv6 has nothing to listen on there.
        let listeners: Vec<_> = [Ok(first), TcpListener::bind(("::1", port))].into_iter().flatten().collect();
        for listener in &listeners {
            listener.set_nonblocking(true).expect("an option");
        }
        Self { listeners, port }
    }

    fn connections(&self) -> usize {
        let made = |listener: &TcpListener| std::iter::from_fn(|| listener.accept().ok()).count();
        self.listeners.iter().map(made).sum()
    }

    fn url(&self) -> String {
        format!("http://rebinding.example.org:{}/hook", self.port)
    }
}

fn client(lookup: impl Lookup, reach: Reach) -> Client {
    let policy = Policy { scheme: Scheme::HttpToo, reach };
    Client::over(lookup, policy, RootCertStore::empty()).expect("a client")
}

async fn post(client: &Client, url: &str) -> Exchange {
    client.post(&Request { url: url.to_owned(), headers: Vec::new(), body: b"{}".to_vec() }).await
}

fn class(exchange: &Exchange) -> Option<ErrorClass> {
    exchange.result.as_ref().err().map(|failure| failure.class)
}

#[tokio::test(start_paused = true)]
async fn the_canary_counts_who_is_let_through() {
    let canary = Canary::new();
    let exchange = post(&client(Turns::new([&[LOOPBACK]]), Reach::Private), &canary.url()).await;
    assert_eq!((class(&exchange), canary.connections()), (Some(ErrorClass::Timeout), 1));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_public_first_and_loopback_next_never_reaches_loopback() {
    let canary = Canary::new();
    let turns = Turns::new([&[PUBLIC], &[LOOPBACK], &[PUBLIC], &["::1"]]);
    let client = client(turns.clone(), Reach::Public);
    for round in 0..25 {
        for turn in 0..4 {
            let class = class(&post(&client, &canary.url()).await);
            match turn {
                // Nobody is there: refused by the network at once, or after the time to connect.
                0 | 2 => assert!(matches!(class, Some(ErrorClass::Connect | ErrorClass::Timeout)), "{round} {class:?}"),
                _ => assert_eq!(class, Some(ErrorClass::BlockedAddress), "{round}"),
            }
        }
    }
    assert_eq!((turns.calls.load(Ordering::Relaxed), canary.connections()), (100, 0));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_public_when_checked_and_loopback_when_connected_is_refused_by_its_only_lookup() {
    let canary = Canary::new();
    let turns = Turns::new([&[LOOPBACK]]);
    let client = client(turns.clone(), Reach::Public);
    assert_eq!(crate::check(&canary.url(), client.policy), Ok(()));
    assert_eq!(class(&post(&client, &canary.url()).await), Some(ErrorClass::BlockedAddress));
    assert_eq!((turns.calls.load(Ordering::Relaxed), canary.connections()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn one_address_that_is_not_public_spoils_the_whole_answer() {
    let canary = Canary::new();
    let spoilt: [&[&str]; 8] = [
        &[PUBLIC, LOOPBACK],
        &[LOOPBACK, PUBLIC],
        &["8.8.8.8", "::1"],
        &["::1", "8.8.8.8"],
        &["8.8.8.8", PUBLIC, "169.254.169.254"],
        &["64:ff9b::7f00:1"],
        &["::ffff:127.0.0.1", PUBLIC],
        &["fd00:ec2::254"],
    ];
    for answer in spoilt {
        let exchange = post(&client(Turns::new([answer]), Reach::Public), &canary.url()).await;
        assert_eq!(class(&exchange), Some(ErrorClass::BlockedAddress), "{answer:?}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_address_in_the_url_is_refused_in_every_dress_before_anything_is_looked_up() {
    let canary = Canary::new();
    let turns = Turns::new([&[PUBLIC]]);
    let client = client(turns.clone(), Reach::Public);
    for host in ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "①②⑦.0.0.1", "[::1]", "[::ffff:7f00:1]"]
    {
        let exchange = post(&client, &format!("http://{host}:{}/", canary.port)).await;
        assert_eq!(class(&exchange), Some(ErrorClass::BlockedAddress), "{host}");
    }
    assert_eq!((turns.calls.load(Ordering::Relaxed), canary.connections()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_name_without_an_answer_or_without_an_address_does_not_resolve() {
    let began = Instant::now();
    let exchange = post(&client(Silent, Reach::Public), "https://slow.example.org/").await;
    assert_eq!((class(&exchange), began.elapsed().as_secs()), (Some(ErrorClass::Dns), limits::RESOLVE.as_secs()));
    let detail = exchange.result.expect_err("no answer").detail;
    assert_eq!(detail, "the host's name did not resolve within 2 s");
    let exchange = post(&client(Turns::new([&[]]), Reach::Public), "https://none.example.org/").await;
    assert_eq!(class(&exchange), Some(ErrorClass::Dns));
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_says_nothing_gets_fifteen_seconds() {
    let (canary, began) = (Canary::new(), Instant::now());
    let exchange = post(&client(Turns::new([&[LOOPBACK]]), Reach::Private), &canary.url()).await;
    assert_eq!(class(&exchange), Some(ErrorClass::Timeout));
    let late = began.elapsed().checked_sub(limits::REQUEST).expect("not before");
    assert!(late < Duration::from_millis(100), "{late:?}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_forgets_its_time_is_ended_from_outside() {
    let (canary, began) = (Canary::new(), Instant::now());
    let tls = crate::tls(RootCertStore::empty()).expect("options");
    let http = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().expect("a client");
    let careless = Client { http, policy: Policy { scheme: Scheme::HttpToo, reach: Reach::Private } };
    let url = format!("http://{LOOPBACK}:{}/", canary.port);
    let exchange = tokio::time::timeout(Duration::from_secs(60), post(&careless, &url)).await.expect("an end");
    assert_eq!(class(&exchange), Some(ErrorClass::Timeout));
    assert!(began.elapsed() < Duration::from_secs(16), "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_answer_from_an_address_that_is_not_public_is_not_taken_though_the_guard_was_passed_by() {
    let listener = TcpListener::bind((LOOPBACK, 0)).expect("a port");
    let SocketAddr::V4(address) = listener.local_addr().expect("an address") else { panic!("{LOOPBACK}") };
    let receiver = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        let _ = stream.read(&mut [0; 1_024])?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    });
    let unguarded = client(Turns::new([&[LOOPBACK]]), Reach::Private);
    let client = Client { policy: Policy { reach: Reach::Public, ..unguarded.policy }, ..unguarded };
    let exchange = post(&client, &format!("http://passed.example.org:{}/", address.port())).await;
    receiver.join().expect("a thread").expect("an answer");
    assert_eq!(class(&exchange), Some(ErrorClass::BlockedAddress));
}
