//! Reads a page strictly: every tag whole, every attribute quoted, every element closed. What does not read so is a fault,
//! because our templates write nothing else; so text that has broken out of its place is one.

use std::collections::BTreeMap;

/// An element's start, or text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
    /// How many elements it is within.
    pub(super) depth: usize,
}

impl Element {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

/// Elements without an end, in HTML; and those of SVG that close themselves.
const VOID: [&str; 3] = ["meta", "link", "input"];

/// The page's nodes, in order.
pub(super) fn read(html: &str) -> Vec<Node> {
    let mut rest = html.strip_prefix("<!doctype html>").expect("a document type");
    let mut nodes = Vec::new();
    let mut open: Vec<String> = Vec::new();
    while !rest.is_empty() {
        let end = rest.find('<').unwrap_or(rest.len());
        let (text, tag) = rest.split_at(end);
        assert!(!text.contains('>'), "a bare > in {text:?}");
        if !text.is_empty() {
            nodes.push(Node::Text(decoded(text)));
        }
        rest = tag;
        if let Some(closing) = tag.strip_prefix("</") {
            let (name, after) = closing.split_once('>').expect("an end of a tag");
            assert_eq!(open.pop().as_deref(), Some(name), "elements are closed in order");
            rest = after;
        } else if !tag.is_empty() {
            let (element, is_closed, after) = element(&tag[1..], open.len());
            if !is_closed && !VOID.contains(&element.name.as_str()) {
                open.push(element.name.clone());
            }
            nodes.push(Node::Element(element));
            rest = after;
        }
    }
    assert!(open.is_empty(), "{open:?} stay open");
    nodes
}

pub(super) fn elements(html: &str) -> Vec<Element> {
    let all = read(html).into_iter();
    all.filter_map(|node| if let Node::Element(element) = node { Some(element) } else { None }).collect()
}

/// The elements within the one at `place`.
pub(super) fn within(elements: &[Element], place: usize) -> &[Element] {
    let rest = &elements[place + 1..];
    let length = rest.iter().position(|other| other.depth <= elements[place].depth).unwrap_or(rest.len());
    &rest[..length]
}

/// Behind its `<`: the element, whether it closes itself, and what follows.
fn element(tag: &str, depth: usize) -> (Element, bool, &str) {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let (name, mut rest) = tag.split_at(tag.find(|c| !is_name(c)).expect("an end of a name"));
    assert!(name.starts_with(|c: char| c.is_ascii_lowercase()), "no element: {tag:.40}");
    let mut attributes = BTreeMap::new();
    loop {
        if let Some(after) = rest.strip_prefix("/>") {
            return (Element { name: name.to_owned(), attributes, depth }, true, after);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (Element { name: name.to_owned(), attributes, depth }, false, after);
        }
        rest = rest.strip_prefix(' ').unwrap_or_else(|| panic!("attributes are apart: {rest:.40}"));
        let (attribute, after) = rest.split_at(rest.find(|c| !is_name(c)).expect("an end of an attribute"));
        assert!(!attribute.is_empty(), "no attribute: {rest:.40}");
        let (value, after) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').expect("an end of a value"),
            None => ("", after),
        };
        let twice = attributes.insert(attribute.to_owned(), decoded(value));
        assert_eq!(twice, None, "{attribute} is there once");
        rest = after;
    }
}

/// Text without its references. One that is none is a fault.
fn decoded(text: &str) -> String {
    let mut decoded = String::new();
    let mut pieces = text.split('&');
    decoded.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (name, rest) = piece.split_once(';').expect("an end of a reference");
        let number = name.strip_prefix('#').unwrap_or_else(|| panic!("a reference by number: {name:.40}"));
        let character = number.parse().ok().and_then(char::from_u32).expect("a character");
        decoded.push(character);
        decoded.push_str(rest);
    }
    decoded
}
