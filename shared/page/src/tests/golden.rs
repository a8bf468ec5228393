//! Each page of the invented workspace, held against its golden file. With `PAGE_OUT` set to a folder, the pages are
//! written there instead, for who wants to look at them or to take them over.

use super::{escaping, states};
use std::{fs, path::Path};

/// The pages that differ most; the others are variations of them, and held to the rules alone.
const GOLDEN: [&str; 9] =
    ["working", "disabled", "wrong", "read-only", "requests", "request", "preview", "accounts", "landing"];

#[test]
fn the_main_pages_read_as_their_golden_files() {
    let out = std::env::var_os("PAGE_OUT");
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    for (name, html) in states::pages().into_iter().chain(escaping::hostile()) {
        let file = format!("{name}.html");
        if let Some(out) = &out {
            fs::write(Path::new(out).join(&file), &html).expect("the folder can be written to");
        } else if GOLDEN.contains(&name.as_str()) {
            let expected = fs::read_to_string(golden.join(&file)).expect(&file);
            assert!(html == expected, "{file} reads differently: write it with PAGE_OUT and compare");
        }
    }
}
