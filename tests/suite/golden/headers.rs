//! The headers of a request: Standard Webhooks, recomputed here from its specification, and what the body has no place for.

use crate::world::{World, at, header, message};
use base64::{Engine, engine::general_purpose::STANDARD};
use bundler::{attempt::Request, settings::Settings, signature::SigningSecret, window::Granularity};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW_SECRET: &str = "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

/// One request for one message, sent at 17:02:45 and signed with the webhook's only secret.
fn request() -> Request {
    request_as_configured(|_| {})
}

/// The same, after something about the webhook has changed.
fn request_as_configured(change: impl FnOnce(&mut Settings)) -> Request {
    let world = World::new(Granularity::Hours1);
    world.configure(|settings| {
        settings.secrets = vec![secret(SECRET)];
        change(settings);
    });
    world.post(&message("2021-02-24T16:25:29+0000", "1", "Grüße 👋"));
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    world.receiver.requests().remove(0)
}

fn secret(text: &str) -> SigningSecret {
    SigningSecret::parse(text).expect("a secret")
}

/// `v1,` and the base64 of HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`, keyed with the secret's bytes.
pub(crate) fn signature(request: &Request, key: &[u8]) -> String {
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
    let request = request();
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
    let request = request();
    let key: Vec<u8> = (0..32).collect();
    assert_eq!(header(&request, "webhook-signature"), signature(&request, &key));
}

#[test]
fn while_a_secret_is_being_replaced_both_sign_the_new_one_first() {
    let (old, new): (Vec<u8>, Vec<u8>) = ((0..32).collect(), (32..64).collect());
    // 24 hours before the request is sent, and a second less.
    for (replaced, both) in [("2021-02-23T17:02:45Z", false), ("2021-02-23T17:02:46Z", true)] {
        let request = request_as_configured(|settings| settings.rotate(at(replaced), secret(NEW_SECRET)));
        let mut expected = signature(&request, &new);
        if both {
            expected = format!("{expected} {}", signature(&request, &old));
        }
        assert_eq!(header(&request, "webhook-signature"), expected, "replaced at {replaced}");
    }
}

#[test]
fn the_id_of_a_bundle_never_changes_over_releases() {
    // Receivers keep ids to recognise what they had: with another derivation everything would look new to them.
    assert_eq!(header(&request(), "webhook-id"), "msg_241b5857c8a85c630bfbfaa0dba193e6");
}
