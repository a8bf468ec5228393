//! The sample as Twilio's webhook for WhatsApp sends it: a form for each message that one customer writes. Twilio hands on
//! neither what the team writes nor groups, so both are left out; and it does not say when a message was written.

use crate::{
    adapted::{chat_id, digits, expected},
    sample::{ON_THE_WAY, Played},
    secrets,
    upstream::{Call, twilio_media},
};
use bundler::{
    event::{ChatKind, Direction, Event},
    upstream::Room,
};

pub(crate) fn played<'a>(events: impl Iterator<Item = &'a Event>) -> Result<Vec<Played>, String> {
    let is_told =
        |event: &&Event| event.message.direction == Direction::Received && event.chat.kind == ChatKind::Direct;
    events.filter(is_told).map(form).collect()
}

fn form(event: &Event) -> Result<Played, String> {
    let (sender, at) = (&event.message.sender, event.message.timestamp.plus(ON_THE_WAY));
    let id = format!("SM{}", event.message.id.as_str());
    let mut fields = vec![
        ("MessageSid", id.clone()),
        ("AccountSid", secrets::TWILIO_ACCOUNT.to_owned()),
        ("From", format!("whatsapp:{}", sender.phone)),
        ("To", format!("whatsapp:{}", event.account.phone)),
        ("ProfileName", sender.full_name.clone()),
        ("WaId", digits(&sender.phone)),
        ("Body", event.message.text.clone()),
        ("NumMedia", event.message.attachment.iter().count().to_string()),
        ("SmsStatus", "received".to_owned()),
    ];
    if let Some(file) = &event.message.attachment {
        fields.push(("MediaUrl0", twilio_media(&id, event.message.id.as_str())));
        fields.push(("MediaContentType0", file.mimetype.clone()));
    }
    let chat_id = chat_id(&event.account.phone, Room::Direct, &sender.phone, at)?;
    let mut told = expected(event, &id, chat_id, event.chat.full_name.clone(), "")?;
    // When it first came is all that is known.
    told.message.timestamp = at;
    Ok(Played { event: told, at, calls: vec![Call::Twilio(fields)] })
}
