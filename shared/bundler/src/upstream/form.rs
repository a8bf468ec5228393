//! Forms and queries: `application/x-www-form-urlencoded`, as the WHATWG's URL standard reads it.

use std::borrow::Cow;

/// Names and values in the order in which they were sent. Whatever is no UTF-8 becomes U+FFFD.
pub fn pairs(text: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, ..] => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        bytes.push(match (escaped, first) {
            (Some(byte), _) => byte,
            (None, b'+') => b' ',
            (None, plain) => *plain,
        });
        rest = if escaped.is_some() { &rest[3..] } else { behind };
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The bytes of hex digits, if they are that.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(hex(*high)? << 4 | hex(*low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let read: Vec<_> = pairs("a=1&b=x+y%2Bz%20&&c&=d&e=%F0%9F%91%8D&f=a=b&g=%zz%4").collect();
        let plain: Vec<(&str, &str)> = read.iter().map(|(name, value)| (&**name, &**value)).collect();
        let expected = [("a", "1"), ("b", "x y+z "), ("c", ""), ("", "d"), ("e", "👍"), ("f", "a=b"), ("g", "%zz%4")];
        assert_eq!(plain, expected);
        assert_eq!(pairs("%ff=%C3%28").collect::<Vec<_>>(), [("\u{fffd}".into(), "\u{fffd}(".into())]);
    }

    #[test]
    fn hex_is_whole_or_none() {
        assert_eq!(unhex("00fFa1"), Some(vec![0, 255, 161]));
        for bad in ["0", "0g", "é", "0x", " 0"] {
            assert_eq!(unhex(bad), None, "{bad}");
        }
    }
}
