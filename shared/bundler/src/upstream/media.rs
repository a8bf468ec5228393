//! How files are called that upstream gives no name: by their kind, when they came, and their type.

use super::event::cut;
use crate::{event::Attachment, limits, timestamp::Timestamp};

/// What is said of a file whose size nobody knows yet. `kind` is a word as "image".
pub(super) fn attachment(kind: &str, name: &str, mimetype: &str, timestamp: Timestamp) -> Attachment {
    let mimetype = match mimetype {
        "" => "application/octet-stream",
        known => known,
    };
    let name = name.trim();
    let filename = if name.is_empty() {
        format!("{kind}-{}{}", timestamp.key().replace('T', "-"), extension(mimetype))
    } else {
        cut(name, limits::NAME_CHARS)
    };
    Attachment { filename, size: None, mimetype: cut(mimetype, limits::MIMETYPE_CHARS) }
}

/// The usual ending for a media type, parameters aside: those of the Cloud API's reference, "Media", "Supported media types".
fn extension(mimetype: &str) -> &'static str {
    match mimetype.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/webp" => ".webp",
        "image/gif" => ".gif",
        "video/mp4" => ".mp4",
        "video/3gpp" | "audio/3gpp" => ".3gp",
        "audio/aac" => ".aac",
        "audio/amr" => ".amr",
        "audio/mpeg" => ".mp3",
        "audio/mp4" => ".m4a",
        "audio/ogg" => ".ogg",
        "text/plain" => ".txt",
        "text/csv" => ".csv",
        "text/vcard" | "text/x-vcard" => ".vcf",
        "application/pdf" => ".pdf",
        "application/zip" => ".zip",
        "application/msword" => ".doc",
        "application/vnd.ms-excel" => ".xls",
        "application/vnd.ms-powerpoint" => ".ppt",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => ".docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => ".xlsx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => ".pptx",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: &str, name: &str, mimetype: &str, expected: (&str, &str)) {
        let at = Timestamp::parse("2021-02-24T16:25:29Z").expect("a moment");
        let made = attachment(kind, name, mimetype, at);
        assert_eq!((made.filename.as_str(), made.mimetype.as_str()), expected);
    }

    #[test]
    fn a_file_without_a_name_gets_one_of_its_kind_time_and_type() {
        check("image", "", "image/jpeg", ("image-20210224-162529.jpg", "image/jpeg"));
        check("voice", " ", "audio/ogg; codecs=opus", ("voice-20210224-162529.ogg", "audio/ogg; codecs=opus"));
        check("document", "", "", ("document-20210224-162529", "application/octet-stream"));
        check("document", "offer.pdf", "application/pdf", ("offer.pdf", "application/pdf"));
    }
}
