//! The content of the sample's files: invented bytes, the same each time, as many as the sample says. A file is known by
//! its message, however its upstream calls it and on whichever day it is played, so that whoever gets it can be judged.

use crate::{
    fakes::{Library, Media},
    sample,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

/// A file of the sample.
pub(crate) struct SampleFile {
    pub(crate) media: Media,
    pub(crate) sha256: [u8; 32],
}

/// By the message's id in the sample. Ten megabytes in all.
static FILES: LazyLock<BTreeMap<String, SampleFile>> = LazyLock::new(|| {
    let messages: Vec<Value> = serde_json::from_str(sample::CONVERSATION).unwrap_or_default();
    messages.iter().filter_map(|event| of_message(&event["message"])).collect()
});

fn of_message(message: &Value) -> Option<(String, SampleFile)> {
    let (id, attachment) = (message["message_id"].as_str()?, &message["attachment"]);
    let content = content(id, usize::try_from(attachment["size"].as_u64()?).ok()?);
    let sha256 = Sha256::digest(&content).into();
    let media = Media { mimetype: attachment["mimetype"].as_str()?.to_owned(), content };
    Some((id.to_owned(), SampleFile { media, sha256 }))
}

/// The file of a message, by the id that it came or went out with; nothing, if it is none of the sample's.
pub(crate) fn find(message: &str) -> Option<&'static SampleFile> {
    let id = ["wamid.", "SM"].iter().find_map(|prefix| message.strip_prefix(prefix)).unwrap_or(message);
    FILES.get(id.split('-').next().unwrap_or(id))
}

/// All of them, for those who serve them.
pub(crate) fn library() -> Library {
    Arc::new(|message: &str| find(message).map(|file| file.media.clone()))
}

/// Xorshift (Marsaglia, 2003), from the id's FNV-1a hash: bytes in which nothing repeats.
fn content(id: &str, size: usize) -> Vec<u8> {
    let mut state =
        id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let mut content = Vec::with_capacity(size + 8);
    while content.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        content.extend_from_slice(&state.to_le_bytes());
    }
    content.truncate(size);
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_as_large_as_the_sample_says_and_like_no_other() {
        let sizes: usize = FILES.values().map(|file| file.media.content.len()).sum();
        assert_eq!((FILES.len(), sizes), (13, 10_188_872));
        let digests: std::collections::BTreeSet<_> = FILES.values().map(|file| file.sha256).collect();
        assert_eq!(digests.len(), FILES.len());
    }

    #[test]
    fn a_message_has_the_same_file_whoever_brings_it_and_on_every_day() {
        let id = FILES.keys().next().expect("a file");
        let digest = |id: &str| find(id).map(|file| file.sha256);
        for known in [format!("wamid.{id}"), format!("SM{id}"), format!("{id}-4"), format!("wamid.{id}-12")] {
            assert_eq!(digest(&known), digest(id), "{known}");
        }
        assert_eq!(digest("by-hand-1772448731"), None);
    }
}
