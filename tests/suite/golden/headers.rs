//! The headers of a request: Standard Webhooks, recomputed here from its specification, and what the body has no place for.

use crate::world::{World, header, message};
use base64::{Engine, engine::general_purpose::STANDARD};
use bundler::{attempt::Request, signature::SigningSecret, window::Granularity};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW_SECRET: &str = "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

/// One request for one message, sent at 17:02:45 and signed with these secrets.
fn request(secrets: &[&str]) -> Request {
    let world = World::new(Granularity::Hours1);
    world.configure(|settings| {
        settings.secrets = secrets.iter().map(|secret| SigningSecret::parse(secret).expect("a secret")).collect();
    });
    world.post(&message("2021-02-24T16:25:29+0000", "1", "Grüße 👋"));
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    world.receiver.requests().remove(0)
}

/// `v1,` and the base64 of HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`, keyed with the secret's bytes.
fn signature(request: &Request, key: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
    mac.update(header(request, "webhook-id").as_bytes());
    mac.update(b".");
    mac.update(header(request, "webhook-timestamp").as_bytes());
    mac.update(b".");
    mac.update(&request.body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[test]
fn a_request_has_the_headers_of_standard_webhooks_and_its_attempt_and_part() {
    let request = request(&[SECRET]);
    let names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "content-type",
            "user-agent",
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature",
            "bundlehook-attempt",
            "bundlehook-part"
        ]
    );
    assert_eq!(header(&request, "content-type"), "application/json");
    assert!(header(&request, "user-agent").starts_with("Bundlehook/"));
    // 2021-02-24T17:02:45Z.
    assert_eq!(header(&request, "webhook-timestamp"), "1614186165");
    assert_eq!(header(&request, "bundlehook-attempt"), "1");
    assert_eq!(header(&request, "bundlehook-part"), "1/1");
}

#[test]
fn a_receiver_can_verify_the_signature_with_its_secret_alone() {
    let request = request(&[SECRET]);
    let key: Vec<u8> = (0..32).collect();
    assert_eq!(header(&request, "webhook-signature"), signature(&request, &key));
}

#[test]
fn while_a_secret_is_being_replaced_both_sign() {
    let request = request(&[NEW_SECRET, SECRET]);
    let (old, new): (Vec<u8>, Vec<u8>) = ((0..32).collect(), (32..64).collect());
    let expected = format!("{} {}", signature(&request, &new), signature(&request, &old));
    assert_eq!(header(&request, "webhook-signature"), expected);
}

#[test]
fn the_id_of_a_bundle_never_changes_over_releases() {
    // Receivers keep ids to recognise what they had: with another derivation everything would look new to them.
    assert_eq!(header(&request(&[SECRET]), "webhook-id"), "msg_241b5857c8a85c630bfbfaa0dba193e6");
}
