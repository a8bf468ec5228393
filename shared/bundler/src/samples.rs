//! Events for tests: the article's own examples, as the native events that they come from.

use serde_json::{Value, json};

/// The article's "Don't aggregate" example as a native event, with a file.
pub(crate) fn native() -> Value {
    json!({
        "workspace_id": "acme",
        "whatsapp_account": { "full_name": "Amnon Haha", "email": "Amnon@acme.com", "phone": "+972500000000" },
        "chat": {
            "full_name": "John Doe>",
            "responsible_name": "Amnon",
            "responsible_email": "Amnon@acme.com",
            "chat_url": "https://app.timelines.ai/chat/10010001/messages/",
            "chat_id": "10010001",
            "is_new_chat": true,
            "is_group": false,
            "phone": "+97251111111"
        },
        "message": {
            "direction": "sent",
            "timestamp": "2021-02-24T06:25:29+0000",
            "message_id": "ddfskhsd76dsfs6dsd5skjsdhf",
            "sender": { "full_name": "John Doe", "phone": "+972540000000" },
            "recipient": { "full_name": "Jane Smith", "phone": "+972550000000" },
            "text": "lorem ipsum",
            "attachment": {
                "temporary_download_url": "https://acme.com/path",
                "filename": "someimage.png",
                "size": 128_909,
                "mimetype": "image/png"
            }
        }
    })
}

/// The same chat's message with another time, id and text, and without a file.
pub(crate) fn message(timestamp: &str, id: &str, text: &str) -> Value {
    let mut value = native();
    value["message"]["timestamp"] = json!(timestamp);
    value["message"]["message_id"] = json!(id);
    value["message"]["text"] = json!(text);
    value["message"].as_object_mut().map(|message| message.remove("attachment"));
    value
}
