//! Files on the deployed stack: copied by the attachments function, linked to by the sender, downloaded by the receiver
//! from the emulator's S3, after a retry and in a preview too.

use super::conversation::{DELIVERY_LIMIT, conversation, tick_until_came};
use super::deploy::Stack;
use super::documents;
use super::http::{self, Message};
use super::place;
use super::sources;
use super::workspace::Workspace;
use base64::{Engine, engine::general_purpose::STANDARD};
use bundler::window::Granularity;
use serde_json::{Value, json};

/// What is at the link of a document's file.
pub(crate) fn download(stack: &Stack, attachment: &Value) -> Message {
    let link = attachment["temporary_download_url"].as_str().expect("a file has a link");
    let path = link.strip_prefix(&format!("http://{}", stack.address())).expect("the link leads to the emulator");
    http::request(stack.address(), &format!("GET {path}"), &[], b"").expect("the emulator answers")
}

/// An event of a workspace with a file that is told of so.
fn event(workspace: &str, file: &Value) -> Value {
    let mut event = conversation(workspace).remove(0);
    event["message"]["attachment"] = file.clone();
    event
}

#[test]
fn a_files_link_downloads_it_whole_under_its_name_and_after_a_retry_another_link_does() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    let workspace = Workspace::set_up(stack, "files", Granularity::None);
    workspace.receiver.answer_next([500]);
    let file = json!({
        "source_url": sources::plain(7, 9_000_000), "filename": "../plans \"final\"\u{202e}.pdf", "size": 9_000_000,
        "mimetype": "application/pdf",
    });
    assert_eq!(workspace.send(&[event("files", &file)]), ["accepted"]);

    let received = tick_until_came(stack, &workspace, 2);

    let mut links = Vec::new();
    for received in &received {
        let document = documents::document(&received.request);
        documents::assert_valid("message", &document);
        let attachment = &document["message"]["attachment"];
        assert_eq!((&attachment["size"], &attachment["filename"]), (&file["size"], &file["filename"]));
        let answer = download(stack, attachment);
        assert_eq!(answer.status(), 200);
        // In two parts, because it is larger than one.
        assert!(answer.body == sources::content(7, 9_000_000), "the copy is the file");
        let disposition = answer.header("content-disposition").expect("a name to save it under");
        assert_eq!(disposition, "attachment; filename=\"plans _final_.pdf\"; filename*=UTF-8''plans%20_final_.pdf");
        assert_eq!(answer.header("content-type"), Some("application/pdf"));
        links.push(attachment["temporary_download_url"].clone());
    }
    assert_ne!(links[0], links[1], "each attempt has a link of its own");
    assert!(links[0].as_str().is_some_and(|link| link.contains("X-Amz-Expires=900")), "{}", links[0]);
}

#[test]
fn a_file_that_came_with_its_message_is_there_at_once_and_one_that_is_nowhere_goes_out_without_a_link() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    let workspace = Workspace::set_up(stack, "inline", Granularity::None);
    let inline = json!({
        "content": STANDARD.encode("hello"), "filename": "hello.txt", "size": 5, "mimetype": "text/plain",
    });
    let nowhere = json!({
        "source_url": format!("{}/nowhere", sources::origin()), "filename": "a.txt", "size": 5, "mimetype": "text/plain",
    });
    let mut events = [event("inline", &inline), event("inline", &nowhere)];
    events[1]["message"]["message_id"] = "nowhere".into();
    assert_eq!(workspace.send(&events), ["accepted"; 2]);

    assert!(workspace.receiver.wait_until(DELIVERY_LIMIT, |received| received.len() == 2));

    let received = workspace.receiver.received();
    let documents: Vec<Value> = received.iter().map(|received| documents::document(&received.request)).collect();
    let of = |id: &Value| {
        let document = documents.iter().find(|document| document["message"]["message_id"] == *id).expect("a document");
        documents::assert_valid("message", document);
        document["message"]["attachment"].clone()
    };
    assert_eq!(download(stack, &of(&events[0]["message"]["message_id"])).body, b"hello");
    assert_eq!(of(&json!("nowhere")), json!({ "filename": "a.txt", "size": 5, "mimetype": "text/plain" }));
    let said = stack.log_lines("attachments");
    let is_gone = |line: &Value| line["outcome"] == "gone" && line["error"] == "not_found";
    assert!(said.iter().any(is_gone), "the function says why");
}
