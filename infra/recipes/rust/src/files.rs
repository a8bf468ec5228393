//! The files of messages: streamed to disk under a safe name, and checked. A file that is there is whole.

use crate::Result;
use reqwest::{Client, StatusCode, redirect::Policy};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    fs::{self, File},
    io::AsyncWriteExt,
};

/// The largest file that is ever sent; one that says its size is stopped at that.
const FILE_BYTES: u64 = 100 * 1_024 * 1_024;
/// Its link lives no longer.
const FETCH_LIMIT: Duration = Duration::from_mins(15);
/// No file's name is longer than 255 bytes; a character has up to four.
const NAME_CHARS: usize = 60;

pub(crate) fn client() -> Result<Client> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // A link leads to the file itself.
    let client = Client::builder().tls_backend_preconfigured(tls).redirect(Policy::none()).timeout(FETCH_LIMIT);
    Ok(client.build()?)
}

/// Fetches the file of the message with this number, unless an earlier attempt did, and says what was kept.
pub(crate) async fn keep(client: &Client, attachment: &Value, number: usize, folder: &Path) -> Result<String> {
    let name = format!("{number}-{}", safe_name(attachment["filename"].as_str().unwrap_or_default()));
    let Some(link) = attachment.get("temporary_download_url").and_then(Value::as_str) else {
        return Ok(format!(", {name} (no link)"));
    };
    let target = folder.join(&name);
    if !fs::try_exists(&target).await? {
        fetch(client, link, attachment.get("size").and_then(Value::as_u64), &target).await?;
    }
    Ok(format!(", {name} ({} bytes)", fs::metadata(&target).await?.len()))
}

async fn fetch(client: &Client, link: &str, size: Option<u64>, target: &Path) -> Result<()> {
    // An error of the client names the link, and the link is a key.
    let unlinked = |error: reqwest::Error| error.without_url();
    let mut answer = client.get(link).send().await.map_err(unlinked)?;
    if answer.status() != StatusCode::OK {
        return Err(format!("a file's link answered {}", answer.status().as_u16()).into());
    }
    let part = part_of(target);
    let mut file = File::create(&part).await?;
    let mut written = 0;
    while let Some(chunk) = answer.chunk().await.map_err(unlinked)? {
        written += chunk.len() as u64;
        if written > size.unwrap_or(FILE_BYTES) {
            break;
        }
        file.write_all(&chunk).await?;
    }
    if size.map_or(written > FILE_BYTES, |size| size != written) {
        return Err("a file has another size than was said".into());
    }
    finish(file, &part, target).await
}

/// Writes a small file, all of it or nothing.
pub(crate) async fn write(target: &Path, content: &[u8]) -> Result<()> {
    let part = part_of(target);
    let mut file = File::create(&part).await?;
    file.write_all(content).await?;
    finish(file, &part, target).await
}

async fn finish(mut file: File, part: &Path, target: &Path) -> Result<()> {
    file.flush().await?;
    file.sync_all().await?;
    Ok(fs::rename(part, target).await?)
}

fn part_of(target: &Path) -> PathBuf {
    let mut part = target.as_os_str().to_owned();
    part.push(".part");
    part.into()
}

/// A name that is one, whatever it was: no path, nothing that cannot be seen or turns the text round, and not too long.
/// The number before it keeps two files of one name apart, and it from being hidden or an option.
fn safe_name(name: &str) -> String {
    let seen = name.chars().filter(|character| !is_unseen(*character));
    let plain = seen.map(|character| if r#"/\:*?"<>|"#.contains(character) { '_' } else { character });
    let plain: String = plain.collect();
    let plain: Vec<char> = plain.trim_matches([' ', '.']).chars().collect();
    // Its end has what kind of file it is.
    let end = &plain[plain.len().saturating_sub(NAME_CHARS)..];
    if end.is_empty() { "file".to_owned() } else { end.iter().collect() }
}

fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
