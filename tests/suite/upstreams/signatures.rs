//! Who may call: nobody without a signature over the bytes that came, with a secret that is known.

use super::{
    door::{APP_SECRET, Door, TWILIO_TOKEN, TWILIO_URL, VERIFY_TOKEN, form, meta_signature, twilio_signature},
    sample,
};
use bundler::{limits, window::Granularity};
use serde_json::json;

const META: &str = "/v1/whatsapp/acme";
const HUB: &str = "x-hub-signature-256";

fn check(door: &Door, signature: Option<&str>, body: &[u8], status: u16) {
    let headers: Vec<_> = signature.map(|signature| (HUB, signature)).into_iter().collect();
    let reply = door.call("POST", META, &headers, body);
    assert_eq!(reply.status, status, "{signature:?}");
    let is_stored = door.world.stored() > 0;
    assert_eq!(is_stored, status == 200, "{signature:?}");
}

#[test]
fn a_wrong_missing_or_truncated_signature_is_401_and_nothing_is_stored() {
    let door = Door::new(Granularity::Hours1);
    let body = sample("text").to_string().into_bytes();
    let good = meta_signature(APP_SECRET, &body);
    let hex = good.trim_start_matches("sha256=").to_owned();
    for wrong in [
        meta_signature("another-secret", &body),
        meta_signature("", &body),
        meta_signature(APP_SECRET, &body[1..]),
        good[..good.len() - 1].to_owned(),
        good[..good.len() - 2].to_owned(),
        format!("{good}00"),
        hex.clone(),
        format!("sha1={hex}"),
        format!("sha256={}", "0".repeat(64)),
        "sha256=".to_owned(),
        String::new(),
        "sha256=é".to_owned(),
    ] {
        check(&door, Some(&wrong), &body, 401);
    }
    check(&door, None, &body, 401);
    assert!(!door.world.tape.take().contains(&"read_settings"), "who cannot sign learns of no workspace");
    check(&door, Some(&good), &body, 200);
}

#[test]
fn a_body_that_was_written_anew_on_the_way_is_refused_though_it_says_the_same() {
    let door = Door::new(Granularity::Hours1);
    // Meta escapes what is not ASCII, and slashes.
    let body = sample("reaction").to_string().replace('👍', "\\ud83d\\udc4d").replace('/', "\\/");
    let signature = meta_signature(APP_SECRET, body.as_bytes());
    let anew = serde_json::from_str::<serde_json::Value>(&body).expect("JSON").to_string();
    check(&door, Some(&signature), anew.as_bytes(), 401);
    check(&door, Some(&signature), body.as_bytes(), 200);
}

#[test]
fn two_secrets_are_taken_while_one_replaces_the_other_and_none_is_nobodys() {
    let body = sample("text").to_string().into_bytes();
    let cases = [
        (json!(["new", APP_SECRET]), "new", 200),
        (json!(["new", APP_SECRET]), APP_SECRET, 200),
        (json!(["new"]), APP_SECRET, 401),
        (json!([]), "", 401),
        (json!([""]), "", 401),
        (json!(null), APP_SECRET, 401),
    ];
    for (secrets, signs, status) in cases {
        let door = Door::new(Granularity::Hours1);
        door.credentials.lock().expect("credentials")["whatsapp_app_secrets"] = secrets;
        check(&door, Some(&meta_signature(signs, &body)), &body, status);
    }
}

#[test]
fn what_is_signed_and_too_long_or_no_json_is_refused_by_its_name() {
    let door = Door::new(Granularity::Hours1);
    let long = vec![b' '; limits::REQUEST_BODY_BYTES + 1];
    for (body, status) in [(&long[..], 413), (b"{", 400), (b"", 400), (b"\xff", 400)] {
        check(&door, Some(&meta_signature(APP_SECRET, body)), body, status);
    }
}

#[test]
fn the_callback_url_is_verified_with_the_token_alone() {
    let door = Door::new(Granularity::Hours1);
    let ask = |query: &str| door.call("GET", &format!("{META}?{query}"), &[], b"");
    let good = format!("hub.mode=subscribe&hub.challenge=11%2022&hub.verify_token={VERIFY_TOKEN}");
    let reply = ask(&good);
    assert_eq!((reply.status, &reply.body[..]), (200, &b"11 22"[..]));
    assert!(reply.headers.contains(&("content-type", "text/plain".to_owned())));
    for bad in [
        String::new(),
        good.replace(VERIFY_TOKEN, "other"),
        good.replace(VERIFY_TOKEN, ""),
        good.replace("subscribe", "unsubscribe"),
        good.replace("hub.challenge=11%2022&", ""),
        format!("hub.mode=subscribe&hub.challenge=1&hub.verify_token={}", &VERIFY_TOKEN[1..]),
    ] {
        assert_eq!(ask(&bad).status, 403, "{bad}");
    }
    door.world.clock.pass(limits::ROOT_SECRET_AGE);
    door.credentials.lock().expect("credentials")["whatsapp_verify_token"] = json!("");
    assert_eq!(ask("hub.mode=subscribe&hub.challenge=1&hub.verify_token=").status, 403, "an empty token is none");
}

#[test]
fn another_method_is_405_and_another_workspace_404() {
    let door = Door::new(Granularity::Hours1);
    let reply = door.call("PUT", META, &[], b"");
    assert_eq!(reply.status, 405);
    assert!(reply.headers.contains(&("allow", "GET, POST".to_owned())));
    assert_eq!(door.call("GET", "/v1/twilio/acme", &[], b"").status, 405);
    let body = sample("text").to_string().into_bytes();
    let signature = meta_signature(APP_SECRET, &body);
    for nobody in ["/v1/whatsapp/nobody", "/v1/whatsapp/a%20b", "/v1/whatsapp/"] {
        assert_eq!(door.call("POST", nobody, &[(HUB, &signature)], &body).status, 404, "{nobody}");
        assert_eq!(door.call("POST", nobody, &[], &body).status, 401, "{nobody}");
    }
    assert_eq!(door.call("POST", "/v1/whatsapp/acme/more", &[(HUB, &signature)], &body).status, 404);
}

#[test]
fn twilios_signature_is_over_the_url_that_it_was_told_and_every_field() {
    let fields = [
        ("MessageSid", "SM1"),
        ("From", "whatsapp:+15550001111"),
        ("To", "whatsapp:+15550002222"),
        ("Body", "a+b & c=d é"),
    ];
    let check = |door: &Door, target: &str, signature: Option<&str>, body: &str, status: u16| {
        let headers: Vec<_> = signature.map(|signature| ("x-twilio-signature", signature)).into_iter().collect();
        assert_eq!(
            door.call("POST", target, &headers, body.as_bytes()).status,
            status,
            "{target} {signature:?} {body}"
        );
        assert_eq!(door.world.stored() > 0, status == 200);
    };
    let door = Door::new(Granularity::Hours1);
    let (path, body) = ("/v1/twilio/acme", form(&fields));
    let good = twilio_signature(TWILIO_TOKEN, TWILIO_URL, &fields);
    for wrong in [
        twilio_signature("other", TWILIO_URL, &fields),
        twilio_signature("", TWILIO_URL, &fields),
        twilio_signature(TWILIO_TOKEN, "https://elsewhere.example.org/v1/twilio/acme", &fields),
        twilio_signature(TWILIO_TOKEN, TWILIO_URL, &fields[1..]),
        good[..good.len() - 4].to_owned(),
        good.trim_end_matches('=').to_owned(),
        String::new(),
    ] {
        check(&door, path, Some(&wrong), &body, 401);
    }
    check(&door, path, None, &body, 401);
    check(&door, path, Some(&good), &body.replace("SM1", "SM2"), 401);
    check(&door, "/v1/twilio/acme?a=b", Some(&good), &body, 401);
    check(&door, path, Some(&good), &body, 200);

    let with_query = twilio_signature(TWILIO_TOKEN, &format!("{TWILIO_URL}?a=b%20c"), &fields);
    check(&Door::new(Granularity::Hours1), "/v1/twilio/acme?a=b%20c", Some(&with_query), &body, 200);
    let elsewhere = Door::new(Granularity::Hours1).called_at("https://hooks.example.net");
    let signed = twilio_signature(TWILIO_TOKEN, "https://hooks.example.net/v1/twilio/acme", &fields);
    check(&elsewhere, path, Some(&signed), &body, 200);
    let rotating = Door::new(Granularity::Hours1);
    rotating.credentials.lock().expect("credentials")["twilio_auth_tokens"] = json!(["new", TWILIO_TOKEN]);
    check(&rotating, path, Some(&good), &body, 200);
}

#[test]
fn twilios_own_example_is_signed_as_its_documentation_says() {
    // "Security", "Validating requests are coming from Twilio": its account's token and fields, and what they come to.
    let fields = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ];
    let credentials = bundler::upstream::Credentials::parse(r#"{"twilio_auth_tokens":"12345"}"#).expect("credentials");
    let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    let signed = |signature| bundler::upstream::twilio::is_signed(&credentials, Some(signature), url, &form(&fields));
    assert!(signed("RSOYDt4T1cUTdK1PDd93/VVr8B8="));
    assert!(!signed("RSOYDt4T1cUTdK1PDd93/VVr8B9="));
}
