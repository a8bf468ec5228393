//! Attempts compressed with a dictionary that is not stored: what every one of them says, above all names of fields and
//! headers. It halves a common attempt, which then takes one write unit. It decides nothing about attempts.
//!
//! Deflate (RFC 1951) has no dictionaries, but blocks refer back to blocks before them: what is kept is the blocks behind
//! the dictionary's, and to read it, the dictionary is put before it again, as a block that is not compressed.

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use std::io::{self, Read, Write};

/// Fixed for good: with another one, what is stored reads as something else. It fits Deflate's window of 32 KiB.
const DICTIONARY: &[u8] = include_bytes!("packed.dictionary");

/// A block that is not compressed and not the last: its length, and the same with every bit turned.
const HEADER: [u8; 5] = {
    let length = DICTIONARY.len().to_le_bytes();
    assert!(DICTIONARY.len() < 32_768, "the dictionary fits the window");
    [0, length[0], length[1], !length[0], !length[1]]
};

pub(super) fn pack(bytes: &[u8]) -> Vec<u8> {
    // Writing to a Vec does not fail.
    try_pack(bytes).unwrap_or_default()
}

fn try_pack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(DICTIONARY)?;
    // Ends the dictionary's blocks with a whole byte.
    encoder.flush()?;
    let dictionary = encoder.get_ref().len();
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.split_off(dictionary))
}

/// The error is bytes that `pack` did not make.
pub(super) fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    DeflateDecoder::new(HEADER.chain(DICTIONARY).chain(packed)).read_to_end(&mut bytes)?;
    Ok(bytes.split_off(DICTIONARY.len().min(bytes.len())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};
    use std::fmt::Write as _;

    #[test]
    fn what_is_packed_is_unpacked_whatever_it_is() {
        let noise: Vec<u8> = (0..100_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
        let same = vec![b'x'; 100_000];
        for bytes in [&b""[..], b"{", DICTIONARY, &DICTIONARY[..1_000], &noise, &same] {
            assert_eq!(unpack(&pack(bytes)).expect("it unpacks"), bytes);
        }
    }

    #[test]
    fn what_the_dictionary_says_takes_no_room() {
        assert!(pack(DICTIONARY).len() < 64, "{}", pack(DICTIONARY).len());
    }

    #[test]
    fn what_was_not_packed_is_refused() {
        for bytes in [&b""[..], b"plain text", &pack(DICTIONARY)[..3]] {
            assert!(unpack(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn the_dictionary_is_what_it_was() {
        let digest = Sha256::digest(DICTIONARY).iter().take(8).fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        // Stored attempts are read with it: a change here makes them unreadable.
        assert_eq!(digest, "688743f4e02015ae");
    }
}
