//! The recipes that customers start from, run as they would run them: the receivers take what is signed as it should be,
//! once, with its files, and nothing else; and the notes are made by the calls that the CRMs' documentation asks for.

mod crm;
mod files;
mod letter;
mod running;
mod server;
mod zapier;

use letter::{Letter, attachment, bundle, now, secret};
use running::{ALL, Running};
use serde_json::json;
use server::Server;
use std::fs;
use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::sync::{Mutex, mpsc};
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(1);

#[test]
fn a_receiver_keeps_what_is_signed_with_its_files_and_prints_a_line_without_anything_private() {
    let files = Server::of_files(&[("first?key=private-key", b"one"), ("second?key=private-key", b"second")]);
    let [first, second] = ["/first?key=private-key", "/second?key=private-key"].map(|path| files.url(path));
    let document = bundle(&[
        attachment("report.pdf", Some(&first), Some(3)),
        attachment("report.pdf", Some(&second), None),
        attachment("gone.pdf", None, None),
    ]);
    for recipe in ALL {
        let receiver = recipe.run("kept", secret(1).reveal());
        let letter = Letter::signed("msg_1", &[secret(1)], &document);
        assert_eq!(receiver.send(&letter), 200, "{recipe:?}");
        let kept = receiver.kept();
        let expected = [("document.json", &letter.body[..]), ("1-report.pdf", b"one"), ("2-report.pdf", b"second")];
        let expected = expected.map(|(name, content)| (format!("msg_1/{name}"), content.to_vec()));
        assert_eq!(kept, expected.into(), "{recipe:?}");
        let line = "msg_1 taken: 4 messages, 1-report.pdf (3 bytes), 2-report.pdf (6 bytes), 3-gone.pdf (no link)";
        assert_eq!(receiver.lines(), [line], "{recipe:?}");
    }
}

#[test]
fn a_receiver_refuses_what_is_not_signed_as_it_should_be_and_keeps_nothing_of_it() {
    let document = bundle(&[]);
    let right = Letter::signed("msg_1", &[secret(1)], &document);
    let signature = right.header("webhook-signature").to_owned();
    let at = |seconds| Letter::signed_at(seconds, "msg_1", &[secret(1)], &document);
    let changed = String::from_utf8(right.body.clone()).expect("JSON").replace("private text", "Private text");
    let cases = [
        ("another's signature", Letter::signed("msg_1", &[secret(2)], &document), 401),
        ("a body changed on its way", right.with_body(changed.as_bytes()), 401),
        ("a body written anew", right.with_body(&serde_json::to_vec_pretty(&document).expect("JSON")), 401),
        ("no body", right.with_body(b""), 401),
        ("another id", right.with_header("webhook-id", "msg_2"), 401),
        ("another time", right.with_header("webhook-timestamp", &(now() - 1_000).to_string()), 401),
        ("an old one", at(now() - 6 * 60), 401),
        ("one of the future", at(now() + 6 * 60), 401),
        ("a truncated signature", right.with_header("webhook-signature", &signature[..signature.len() - 4]), 401),
        ("nothing but its version", right.with_header("webhook-signature", "v1,"), 401),
        ("another version", right.with_header("webhook-signature", &signature.replace("v1,", "v2,")), 401),
        ("a signature of nobody's alphabet", right.with_header("webhook-signature", "v1,\u{fc}\u{fc}"), 401),
        ("an empty signature", right.with_header("webhook-signature", ""), 400),
        ("no signature", right.without_header("webhook-signature"), 400),
        ("no id", right.without_header("webhook-id"), 400),
        ("no time", right.without_header("webhook-timestamp"), 400),
        ("a time that is none", right.with_header("webhook-timestamp", "now"), 400),
        ("an id that leads elsewhere", Letter::signed("../elsewhere", &[secret(1)], &document), 400),
        ("an id that is a folder", Letter::signed("..", &[secret(1)], &document), 400),
    ];
    for recipe in ALL {
        let receiver = recipe.run("refused", secret(1).reveal());
        for (what, letter, status) in &cases {
            let answered = receiver.send(letter);
            // A header that is no text at all is either.
            let is_right = answered == *status || (what.contains("alphabet") && answered == 400);
            assert!(is_right, "{recipe:?}: {answered} to {what}");
        }
        assert_eq!(announced(&receiver, 9 * 1_024 * 1_024), 413, "{recipe:?}");
        assert!(receiver.kept().is_empty() && receiver.lines().is_empty(), "{recipe:?}: {:?}", receiver.kept());
        // The same receiver takes the right one.
        assert_eq!(receiver.send(&right), 200, "{recipe:?}");
    }
}

/// The status that answers a request which says that its body has so many bytes; none comes.
fn announced(receiver: &Running, bytes: usize) -> u16 {
    let mut stream = TcpStream::connect(receiver.address).expect("it listens");
    stream.set_read_timeout(Some(LIMIT)).expect("a socket can be timed");
    write!(stream, "POST / HTTP/1.1\r\nhost: here\r\ncontent-length: {bytes}\r\n\r\n").expect("it reads");
    let answer = super::http::read(&mut BufReader::new(stream));
    answer.expect("it answers").expect("it answers").status()
}

#[test]
fn a_receiver_does_nothing_for_a_document_that_it_has_had_also_after_it_was_started_again() {
    for recipe in ALL {
        let files = Server::of_files(&[("file", b"content")]);
        let document = bundle(&[attachment("a.txt", Some(&files.url("/file")), Some(7))]);
        let letter = || Letter::signed("msg_1", &[secret(1)], &document);
        let receiver = recipe.run("again", secret(1).reveal());
        assert_eq!(receiver.send(&letter()), 200, "{recipe:?}");
        // Whatever is written again would replace this.
        for name in ["document.json", "1-a.txt"] {
            fs::write(receiver.folder_of("msg_1").join(name), "as it was left").expect("it is there");
        }
        let before = receiver.kept();
        assert_eq!(receiver.send(&letter()), 200, "{recipe:?}");
        assert_eq!(receiver.lines()[1..], ["msg_1 was here before"], "{recipe:?}");
        drop(receiver);
        let receiver = recipe.run("again", secret(1).reveal());
        assert_eq!(receiver.send(&letter()), 200, "{recipe:?}");
        assert_eq!((receiver.kept(), files.targets().len()), (before, 1), "{recipe:?}");
        // Another document is another one, whatever it says.
        assert_eq!(receiver.send(&Letter::signed("msg_2", &[secret(1)], &document)), 200, "{recipe:?}");
        assert_eq!(files.targets().len(), 2, "{recipe:?}");
    }
}

#[test]
fn a_receiver_takes_either_secret_while_one_replaces_the_other() {
    let document = json!({ "chat": bundle(&[])["chat"], "message": letter::message() });
    let (old, new) = (secret(1), secret(2));
    for recipe in ALL {
        let both = recipe.run("both", &format!("{} {}", old.reveal(), new.reveal()));
        let only = recipe.run("only", new.reveal());
        let send = |receiver: &Running, id, secrets: &[_]| receiver.send(&Letter::signed(id, secrets, &document));
        let each = [vec![old.clone()], vec![new.clone()], vec![new.clone(), old.clone()]];
        for (id, secrets) in ["a", "b", "c"].into_iter().zip(each) {
            assert_eq!(send(&both, id, &secrets), 200, "{recipe:?}");
        }
        assert_eq!(send(&only, "a", &[old.clone(), new.clone()]), 200, "{recipe:?}");
        assert_eq!(send(&only, "b", &[new.clone(), old.clone()]), 200, "{recipe:?}");
        assert_eq!(send(&only, "c", std::slice::from_ref(&old)), 401, "{recipe:?}");
        assert_eq!(send(&both, "d", &[secret(3)]), 401, "{recipe:?}");
    }
}

#[test]
fn a_receiver_goes_on_when_the_sender_has_hung_up_and_the_next_attempt_finds_it_done() {
    for recipe in ALL {
        let ((came, has_come), (release, released)) = (mpsc::channel(), mpsc::channel::<()>());
        let (came, released) = (Mutex::new(came), Mutex::new(released));
        let files = Server::start(move |_| {
            came.lock().expect("a channel").send(()).expect("the test waits");
            // It ends with the other end.
            let _ = released.lock().expect("a channel").recv();
            server::answer(200, b"content")
        });
        let with = |id, path| {
            let document = bundle(&[attachment("a.txt", Some(&files.url(path)), Some(7))]);
            Letter::signed(id, &[secret(1)], &document)
        };
        let letter = with("msg_1", "/file");
        let receiver = recipe.run("hung-up", secret(1).reveal());
        let first = begun(&receiver, &letter);
        has_come.recv_timeout(LIMIT).expect("the file is fetched");
        let alone = begun(&receiver, &with("msg_3", "/alone"));
        has_come.recv_timeout(LIMIT).expect("the file is fetched");
        drop((first, alone));
        let next = begun(&receiver, &letter);
        // It works on others meanwhile, and what came before them has come.
        assert_eq!(receiver.send(&Letter::signed("msg_2", &[secret(1)], &bundle(&[]))), 200, "{recipe:?}");
        drop(release);
        let answer = super::http::read(&mut BufReader::new(next)).expect("it answers").expect("it answers");
        assert_eq!(answer.status(), 200, "{recipe:?}");
        // Nobody asks for this one again.
        receiver.wait_for_line("msg_3 taken: 2 messages, 1-a.txt (7 bytes)");
        assert_eq!(files.targets(), ["/file", "/alone"], "{recipe:?}");
        for id in ["msg_1", "msg_3"] {
            assert_eq!(receiver.kept()[&format!("{id}/1-a.txt")], b"content", "{recipe:?}");
        }
    }
}

/// A connection on which this has been sent, and nothing read.
fn begun(receiver: &Running, letter: &Letter) -> TcpStream {
    let mut stream = TcpStream::connect(receiver.address).expect("it listens");
    stream.set_read_timeout(Some(LIMIT)).expect("a socket can be timed");
    let mut head = format!("POST / HTTP/1.1\r\nhost: here\r\ncontent-length: {}\r\n", letter.body.len());
    for (name, value) in &letter.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    write!(stream, "{head}\r\n").expect("it reads");
    stream.write_all(&letter.body).expect("it reads");
    stream
}
