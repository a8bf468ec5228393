//! Meta's own calls on the deployed stack: signed as Meta signs, with media ids in them, whose files are fetched from a
//! Graph API of the tests and arrive behind links of the stack's own.

use super::attachments::download;
use super::conversation::{tick_until_all, tick_until_came};
use super::deploy::{self, Stack};
use super::documents;
use super::place;
use super::sources;
use super::workspace::Workspace;
use bundler::window::Granularity;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const SECRETS: [&str; 2] = ["the new app secret", "the former app secret"];
const VERIFY_TOKEN: &str = "the-verify-token";

/// The stack, after its operator has said what Meta and it know each other by.
static STACK: LazyLock<&'static Stack> = LazyLock::new(|| {
    let stack = Stack::deployed();
    let secret = json!({
        "whatsapp_app_secrets": SECRETS, "whatsapp_verify_token": VERIFY_TOKEN, "whatsapp_access_token": sources::TOKEN,
    });
    let parameters = json!({ "SecretId": stack.output("UpstreamSecretArn"), "SecretString": secret.to_string() });
    stack.aws().call("secretsmanager", "put_secret_value", &parameters);
    stack
});

fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(body);
    let mut header = String::new();
    bundler::id::push_hex(&mut header, "sha256=", &mac.finalize().into_bytes());
    header
}

/// An image that a customer has sent.
fn image(number: usize, media: &str, seconds: u64) -> Value {
    json!({
        "from": "15555550117", "id": format!("wamid.{number}"), "timestamp": seconds.to_string(), "type": "image",
        "image": { "id": media, "mime_type": "image/jpeg", "caption": format!("picture {number}") },
    })
}

/// A call with these messages, as Meta makes it.
fn call(messages: &[Value]) -> Vec<u8> {
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15555550100", "phone_number_id": "100200300" },
        "contacts": [{ "profile": { "name": "Dana Sample" }, "wa_id": "15555550117" }],
        "messages": messages,
    });
    let entry = json!([{ "id": "1", "changes": [{ "field": "messages", "value": value }] }]);
    json!({ "object": "whatsapp_business_account", "entry": entry }).to_string().into_bytes()
}

fn post(workspace: &str, secret: &str, body: &[u8]) -> u16 {
    let signature = signature(secret, body);
    let headers = [("x-hub-signature-256", signature.as_str()), ("content-type", "application/json")];
    STACK.post(&format!("/v1/whatsapp/{workspace}"), &headers, body).status()
}

#[test]
fn meta_finds_its_callback_and_nobody_else_does() {
    let _turn = place::turn();
    let _workspace = Workspace::set_up(*STACK, "challenged", Granularity::None);
    let ask = |token: &str| {
        let path = "/v1/whatsapp/challenged?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
        STACK.ask("GET", &format!("{path}{token}"), &[], b"")
    };
    let answer = ask(VERIFY_TOKEN);
    assert_eq!((answer.status(), answer.body.as_slice()), (200, &b"1158201444"[..]));
    assert_eq!(ask("another").status(), 403);
    assert_eq!(post("challenged", "another", &call(&[])), 401);
}

#[test]
fn a_conversation_with_pictures_arrives_in_a_bundle_with_links_to_them() {
    let _turn = place::turn();
    let workspace = Workspace::set_up(*STACK, "meta", Granularity::Hours1);
    let now = deploy::now().seconds();
    let messages = [image(1, "41", now), image(2, sources::GONE, now), image(3, "42", now)];
    assert_eq!(post("meta", SECRETS[0], &call(&messages[..2])), 200);
    assert_eq!(
        post("meta", SECRETS[1], &call(&messages[1..])),
        200,
        "with what was there before, and the former secret"
    );

    let received = tick_until_all(*STACK, &workspace, 3);

    let mut arrived = Vec::new();
    for received in &received {
        let document = documents::document(&received.request);
        documents::assert_valid("bundle", &document);
        workspace.assert_signed(received);
        assert_eq!(document["chat"]["full_name"], "Dana Sample");
        arrived.extend_from_slice(documents::messages(&document));
    }
    let texts: Vec<_> = arrived.iter().map(|message| message["text"].clone()).collect();
    assert_eq!(texts, ["picture 1", "picture 2", "picture 3"]);
    for (message, media) in arrived.iter().zip([Some(41), None, Some(42)]) {
        let attachment = &message["attachment"];
        let Some(media) = media else {
            assert!(attachment["temporary_download_url"].is_null() && attachment["size"].is_null(), "{attachment}");
            continue;
        };
        let content = sources::media(media);
        assert_eq!(attachment["size"], content.len());
        assert_eq!(Sha256::digest(&download(*STACK, attachment).body), Sha256::digest(&content));
    }
}

#[test]
fn a_picture_that_is_not_aggregated_waits_for_its_file_and_has_a_link_after_a_retry_too() {
    let _turn = place::turn();
    let workspace = Workspace::set_up(*STACK, "meta-at-once", Granularity::None);
    workspace.receiver.answer_next([503]);
    assert_eq!(post("meta-at-once", SECRETS[0], &call(&[image(1, "43", deploy::now().seconds())])), 200);

    let received = tick_until_came(*STACK, &workspace, 2);

    assert_eq!(received[0].request.header("webhook-id"), received[1].request.header("webhook-id"));
    for received in received {
        let document = documents::document(&received.request);
        assert_eq!(download(*STACK, &document["message"]["attachment"]).body, sources::media(43));
    }
}
