//! The addresses of the pages and of their forms.

/// The style sheet, for the router to serve from [`crate::STYLE`].
pub const STYLE: &str = "/assets/style.css";
/// The script, for the router to serve from [`crate::SCRIPT`].
pub const SCRIPT: &str = "/assets/script.js";
/// The sign of the browser's tab, for the router to serve from [`crate::ICON`].
pub const ICON: &str = "/assets/icon.svg";

/// The page of a workspace's first webhook.
pub fn workspace(workspace: &str) -> String {
    format!("/workspaces/{}", segment(workspace))
}

pub(crate) fn webhooks(workspace: &str) -> String {
    format!("{}/webhooks", self::workspace(workspace))
}

/// The page of a workspace's WhatsApp accounts.
pub fn accounts(workspace: &str) -> String {
    format!("{}/accounts", self::workspace(workspace))
}

/// The page of a webhook.
pub fn webhook(workspace: &str, webhook: &str) -> String {
    format!("{}/{}", webhooks(workspace), segment(webhook))
}

/// As one segment of a path, or one value of a query.
pub(crate) fn segment(text: &str) -> String {
    let mut segment = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) || (byte == b'.' && text != "." && text != "..") {
            segment.push(char::from(byte));
        } else {
            segment.push('%');
            segment.extend([byte >> 4, byte & 15].map(|half| char::from(b"0123456789ABCDEF"[usize::from(half)])));
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_within_its_segment() {
        assert_eq!(segment("a/b?c#d&e=f %é.x"), "a%2Fb%3Fc%23d%26e%3Df%20%25%C3%A9.x");
        assert_eq!(webhook("..", "default"), "/workspaces/%2E%2E/webhooks/default");
    }
}
