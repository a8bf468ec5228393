//! A stream of messages as a messenger's are: the sample conversation's people and words, in as many chats as are asked
//! for, over one window of an hour. A text has as many words as one of the sample's, drawn from all of them: so texts
//! are as long as real ones and compress as badly. The same stream comes out every time.

use bundler::{id::WorkspaceId, timestamp::Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

const CONVERSATION: &str = include_str!("../../local/sample/conversation.json");
const BEGINS: &str = "2026-03-02T08:00:00Z";
const WINDOW: Duration = Duration::from_secs(3_600);

/// Whose the chats are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tenants {
    /// One workspace has all of them.
    One,
    /// 50 workspaces, of which the k-th has a share of 1/k: a few large ones and many small.
    Mixed,
    /// Each chat is another workspace's.
    EachItsOwn,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Traffic {
    pub(crate) tenants: Tenants,
    /// Chats, each with one bundle.
    pub(crate) bundles: usize,
    pub(crate) messages_per_bundle: usize,
}

/// One message on its way in.
pub(crate) struct Arrival {
    pub(crate) workspace: WorkspaceId,
    pub(crate) at: Timestamp,
    /// The native event as it is sent.
    pub(crate) body: Vec<u8>,
}

const MIXED: usize = 50;

impl Traffic {
    /// Enough bundles that the queue's batches fill, and no more messages than a look at them takes seconds for.
    pub(crate) fn filling(tenants: Tenants, messages_per_bundle: usize) -> Self {
        Self { tenants, bundles: (100_000 / messages_per_bundle).clamp(1_000, 10_000), messages_per_bundle }
    }

    pub(crate) fn messages(self) -> usize {
        self.bundles * self.messages_per_bundle
    }

    /// When the window begins, and when it ends.
    pub(crate) fn window() -> (Timestamp, Timestamp) {
        let begins = Timestamp::parse(BEGINS).expect("a moment");
        (begins, begins.plus(WINDOW))
    }

    /// All messages in order of time: every chat's turn comes as often as every other's.
    pub(crate) fn arrivals(self) -> impl Iterator<Item = Arrival> {
        let samples: Vec<Value> = serde_json::from_str(CONVERSATION).expect("the sample conversation");
        let texts: Vec<String> =
            samples.iter().filter_map(|sample| sample["message"]["text"].as_str().map(str::to_owned)).collect();
        let words: Vec<String> = texts.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect();
        let tenants = self.tenants_of_chats();
        let mut random = Random(7);
        (0..self.messages()).map(move |index| {
            let chat = index % self.bundles;
            let share = (index as u64 * (WINDOW.as_secs() - 1)) / self.messages() as u64;
            let sent = Self::window().0.plus(Duration::from_secs(share));
            let workspace = format!("workspace-{:04}", tenants[chat]);
            let length = texts[random.below(texts.len())].split_whitespace().count();
            let text: Vec<&str> = (0..length).map(|_| words[random.below(words.len())].as_str()).collect();
            let event = event(&samples[chat % samples.len()], &workspace, chat, sent, &text.join(" "), &mut random);
            Arrival {
                workspace: WorkspaceId::parse(&workspace).expect("an id"),
                at: sent.plus(Duration::from_secs(1)),
                body: serde_json::to_vec(&event).expect("JSON"),
            }
        })
    }

    /// The workspaces' ids.
    pub(crate) fn workspaces(self) -> Vec<WorkspaceId> {
        let count = match self.tenants {
            Tenants::One => 1,
            Tenants::Mixed => MIXED,
            Tenants::EachItsOwn => self.bundles,
        };
        (0..count).map(|tenant| WorkspaceId::parse(&format!("workspace-{tenant:04}")).expect("an id")).collect()
    }

    fn tenants_of_chats(self) -> Vec<usize> {
        match self.tenants {
            Tenants::One => vec![0; self.bundles],
            Tenants::EachItsOwn => (0..self.bundles).collect(),
            Tenants::Mixed => {
                // Shares in units of 1/1000 of the largest, so that they are whole.
                let shares: Vec<usize> = (1..=MIXED).map(|k| 1_000 / k).collect();
                let whole: usize = shares.iter().sum();
                let of_chat = |chat: usize| {
                    let mut place = chat * whole / self.bundles;
                    shares
                        .iter()
                        .position(|share| {
                            place < *share || {
                                place -= share;
                                false
                            }
                        })
                        .unwrap_or_default()
                };
                (0..self.bundles).map(of_chat).collect()
            }
        }
    }
}

/// A message between the people of `sample`.
fn event(sample: &Value, workspace: &str, chat: usize, sent: Timestamp, text: &str, random: &mut Random) -> Value {
    let mut event = sample.clone();
    event["workspace_id"] = json!(workspace);
    let id = (10_000_000 + chat).to_string();
    event["chat"]["chat_url"] = json!(format!("https://app.example.com/chat/{id}/messages/"));
    event["chat"]["chat_id"] = json!(id);
    event["message"]["text"] = json!(text);
    event["message"]["timestamp"] = json!(sent.article());
    event["message"]["message_id"] = json!(random.text(26, b"abcdefghijklmnopqrstuvwxyz0123456789"));
    let hex = [8, 4, 4, 4, 12].map(|length| random.text(length, b"0123456789abcdef")).join("-");
    event["message"]["permalink"] = json!(format!("https://app.example.com/permalink/{hex}/"));
    event["message"].as_object_mut().map(|message| message.remove("attachment"));
    event
}

/// Numbers that are the same in every run (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or_default()
    }

    fn text(&mut self, length: usize, alphabet: &[u8]) -> String {
        (0..length).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }
}
