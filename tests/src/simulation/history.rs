//! What the receiver was asked, as a person would note it beside the endpoint: the checker reads nothing else.

use serde::Deserialize;

/// One request to the receiver.
pub(super) struct Attempted {
    pub(super) invocation: u32,
    /// When that began, true time.
    pub(super) invocation_began: u64,
    /// When it was made and when it was over, true time; nothing while it is under way.
    pub(super) began: u64,
    pub(super) ended: Option<u64>,
    pub(super) webhook_id: String,
    /// Part and parts, from 1.
    pub(super) part: (usize, usize),
    pub(super) attempt: u32,
    /// Places of the messages in the plan, in the order in which they stood in the document.
    pub(super) messages: Vec<usize>,
    /// Whether the document is that of a message by itself.
    pub(super) is_alone: bool,
    pub(super) body_hash: u64,
    /// What the receiver answered, if the request reached it.
    pub(super) status: Option<u16>,
    /// Whether the sender knows of a success.
    pub(super) is_known: bool,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    messages: Vec<Message>,
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    message_id: String,
}

impl Attempted {
    /// Reads a request; the error says what a receiver would find wrong with it.
    pub(super) fn read(
        invocation: (u32, u64),
        began: u64,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Self, String> {
        let header = |name: &str| {
            let mut values = headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone());
            values.next().ok_or_else(|| format!("a request has no header {name}"))
        };
        let document: Document = serde_json::from_slice(body).map_err(|error| format!("a document: {error}"))?;
        let is_alone = document.message.is_some();
        let all = document.messages.into_iter().chain(document.message);
        let part = header("bundlehook-part")?;
        let (part, parts) = part.split_once('/').ok_or("a part is written as 1/2")?;
        let number = |text: &str| text.parse::<usize>().map_err(|_| format!("{text:?} is no number"));
        Ok(Self {
            invocation: invocation.0,
            invocation_began: invocation.1,
            began,
            ended: None,
            webhook_id: header("webhook-id")?,
            part: (number(part)?, number(parts)?),
            attempt: u32::try_from(number(&header("bundlehook-attempt")?)?).unwrap_or(u32::MAX),
            messages: all
                .map(|message| number(message.message_id.trim_start_matches('m')))
                .collect::<Result<_, _>>()?,
            is_alone,
            body_hash: fnv(0, body),
            status: None,
            is_known: false,
        })
    }
}

/// FNV-1a, 64 bits, going on from `hash`: enough to tell two traces apart.
pub(super) fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    let basis = hash ^ 0xcbf2_9ce4_8422_2325;
    bytes.iter().fold(basis, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
