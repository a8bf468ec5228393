//! What the runner says besides the webhooks themselves: what is about to happen, what has happened, what to try.

use crate::{figures, sample::Played, screen::COLUMNS, stage::Stage, text, upstream::Kind, webhook::Webhook};
use bundler::{limits, ports::Clock as _, window::Granularity};
use std::{collections::BTreeSet, net::SocketAddr, path::Path};

/// A shell command with places for the address, the key and the clock.
const BY_HAND: &str = include_str!("../sample/by-hand.sh");
/// Faults that are spelled out; the rest is counted.
const FAULTS: usize = 10;

/// What is kept and where.
pub(crate) enum Keeping<'a> {
    InMemory,
    New(&'a Path),
    /// With so many messages that are still to go out.
    Restored(&'a Path, usize),
}

/// What runs where, what will be played, and how to read what comes.
pub(crate) fn beginning(
    stage: &Stage,
    receiver: SocketAddr,
    keeping: &Keeping<'_>,
    played: &[Played],
    speed: u32,
) -> String {
    let paint = stage.screen.paint();
    let chats: BTreeSet<&str> = played.iter().map(|played| played.event.chat.id.as_str()).collect();
    let moments = played.iter().map(|played| played.event.message.timestamp);
    let [first, last] =
        [moments.clone().min(), moments.max()].map(|end| end.map_or_else(String::new, figures::day_and_hour));
    let last = last.split_once(' ').map_or("", |(_, hour)| hour);
    let (every, outcome) = match stage.granularity.units() {
        Some(1) => ("1 hour".to_owned(), "one webhook for\neach chat and hour".to_owned()),
        Some(hours) => (format!("{hours} hours"), format!("one webhook for\neach chat and every {hours} hours")),
        None => ("no time at all".to_owned(), "one webhook for\neach message, at once".to_owned()),
    };
    format!(
        "{title}: its functions in one process, and a receiver.\n\n  \
         messages come in at  {url}\n  \
         sent by              {upstream}; --upstream has others\n  \
         webhooks go out to   http://{receiver}/, the receiver, which prints them\n                       \
         and downloads their files\n  \
         gathered for         {every} (--every none, 1, 6, 12 or 24)\n  \
         stored               {stored}\n\n\
         {untold}{first} to {last} UTC: {messages} of {chats} chats come in one by\n\
         one, on a clock that runs {speed} times as fast. What goes out is {outcome}, shown like this:\n\n\
         ┌ the chat · direct or group · the window · how many messages\n\
         │ 08:52 {received} a customer wrote\n\
         │ 08:55 {sent} the team wrote\n\
         └ 09:03 the webhook-id · whether the signature is right · the part\n",
        title = paint.bold("Bundlehook on one machine"),
        url = stage.upstream.url(stage.kind),
        upstream = upstream(stage.kind),
        untold = untold(stage.kind),
        stored = stored(keeping),
        messages = figures::count(played.len(), "WhatsApp message"),
        chats = chats.len(),
        received = paint.received("←"),
        sent = paint.sent("→"),
    )
}

fn upstream(kind: Kind) -> &'static str {
    match kind {
        Kind::Native => "the platform",
        Kind::WhatsApp => "Meta's WhatsApp Cloud API",
        Kind::Twilio => "Twilio",
    }
}

/// What the upstream does not tell of the conversation; whole lines, if any.
fn untold(kind: Kind) -> &'static str {
    match kind {
        Kind::Native => "",
        Kind::WhatsApp => {
            "Meta tells no name of a group, nor of whom the team writes to, and names files\n\
             by their kind but for documents; several messages may come in one call.\n\n"
        }
        Kind::Twilio => {
            "Twilio hands on only what customers write: what the team wrote is left out, and\n\
             the group. It tells no names of files, nor when a message was written.\n\n"
        }
    }
}

fn stored(keeping: &Keeping<'_>) -> String {
    match keeping {
        Keeping::InMemory => "in memory (--data DIR keeps it over a restart)".to_owned(),
        Keeping::New(directory) => format!("in {}, for the next time as well", directory.display()),
        Keeping::Restored(directory, 0) => format!("in {}, and restored from there", directory.display()),
        Keeping::Restored(directory, owed) => {
            format!("in {}, and restored: {} still to go out", directory.display(), figures::count(*owed, "message"))
        }
    }
}

/// What has come out, and whether it is as it should be.
pub(crate) fn summary(stage: &Stage, webhooks: &[Webhook], faults: &[String]) -> String {
    let paint = stage.screen.paint();
    let messages: usize = webhooks.iter().map(|webhook| webhook.messages().len()).sum();
    let saved = messages.saturating_sub(webhooks.len());
    let (messages, calls) = (figures::count(messages, "message"), figures::count(webhooks.len(), "call"));
    let mut lines = vec![String::new()];
    let notes = match webhooks.iter().find_map(Webhook::note) {
        Some(note) => {
            lines.push("Each bundle brings a note in HTML too, ready for a CRM. The first one begins:".to_owned());
            lines.extend(
                text::lines(note, COLUMNS - 2, COLUMNS - 2, 3).iter().map(|line| format!("  {}", paint.faint(line))),
            );
            lines.extend([String::new(), paint.bold(&format!("{messages} came out in {calls}: {saved} saved."))]);
            ", and every note names every sender"
        }
        None => {
            lines.push(paint.bold(&format!("{messages} came out in {calls}.")));
            ""
        }
    };
    let files = webhooks.iter().flat_map(|webhook| webhook.files.iter().flatten().flatten());
    let (files, size) = files.fold((0, 0), |(files, size), file| (files + 1, size + file.size));
    if faults.is_empty() {
        lines.push(paint.good(&format!(
            "Checked: every message arrived once, unchanged, in order and in its window;\n\
             all signatures and documents are right{notes}.\n\
             {files} came with them, {size}: each was downloaded whole.",
            files = figures::count(files, "file"),
            size = figures::bytes(size),
        )));
    } else {
        lines
            .push(paint.bad(&format!("Checked, and not as it should be ({}):", figures::count(faults.len(), "fault"))));
        lines.extend(faults.iter().take(FAULTS).map(|fault| format!("- {fault}")));
    }
    if faults.len() > FAULTS {
        lines.push(format!("- and {} more", faults.len() - FAULTS));
    }
    lines.join("\n")
}

/// What the settings page's link is. The sample workspace is behind it.
pub(crate) fn link(stage: &Stage, link: &str) -> String {
    let hours = limits::PORTAL_LIFE_MAX.as_secs() / 3_600;
    format!(
        "\n{title} This link opens the workspace's settings in a browser, once, and for\n\
         {hours} hours of the clock; what you change there holds here at once:\n\n{link}",
        title = stage.screen.paint().bold("Its owner."),
    )
}

/// A command that sends a message of its own each time it is pasted.
pub(crate) fn by_hand(stage: &Stage, endpoint: SocketAddr) -> String {
    let wait = match stage.granularity {
        Granularity::None => "What comes in goes out at once.",
        Granularity::Hours1 | Granularity::Hours6 | Granularity::Hours12 | Granularity::Hours24 => {
            "It goes at its own pace until a message\ncomes in; then it hurries to the end of that message's window, \
             so that the\nbundle comes out within seconds."
        }
    };
    let command = BY_HAND
        .trim_end()
        .replace("<URL>", &stage.upstream.url(Kind::Native))
        .replace("<KEY>", stage.upstream.key())
        .replace("<CLOCK>", &format!("http://{endpoint}/clock"));
    format!(
        "\n{title} The clock shows {now}. {wait}\n\
         Paste this into another terminal, as often as you like; Ctrl-C ends here:\n\n{command}",
        title = stage.screen.paint().bold("Now you."),
        now = figures::hour(stage.clock.now()),
    )
}
