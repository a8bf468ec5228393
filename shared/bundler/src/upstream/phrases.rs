//! What adapters say in the same words: places, and what is handed on from elsewhere.

/// Those that have something in them, as they are, with that between them.
pub(super) fn joined<'a>(parts: impl IntoIterator<Item = &'a str>, between: &str) -> String {
    parts.into_iter().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join(between)
}

/// A place, as far as its name and address say it, and where it is on a map.
pub(super) fn location(name: &str, address: &str, at: Option<(f64, f64)>) -> String {
    let place = joined([name, address], ", ");
    let place = if place.is_empty() { "Location".to_owned() } else { format!("Location: {place}") };
    let map = at.map(|(latitude, longitude)| format!("https://www.google.com/maps?q={latitude},{longitude}"));
    joined([place.as_str(), map.as_deref().unwrap_or_default()], "\n")
}

/// Words, or a file without any, that somebody else has written.
pub(super) fn forwarded(words: &str) -> String {
    if words.is_empty() { "Forwarded".to_owned() } else { format!("Forwarded: {words}") }
}
