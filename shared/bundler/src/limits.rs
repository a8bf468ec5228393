//! Every limit of the system, in one place, each with its source. Nothing else in the workspace states a limit.
//! "Article" is the description of the webhooks that the documents are true to; README.md holds the protocol's rules.

use std::time::Duration;

// ---- What a caller may send ----

/// Events in one call. Ours: a hundred conditional writes fit many times into an ingest function's ten seconds.
pub const EVENTS_PER_CALL: usize = 100;
/// A request's body, bytes. Lambda takes 6 MB, and a binary body arrives as base64, which leaves three quarters of it.
pub const REQUEST_BODY_BYTES: usize = 4_500_000;
/// One event as it is sent, bytes: the longest text, each character written as two escapes of six bytes, and reserve.
pub const EVENT_BYTES: usize = 1_000_000;
/// One stored event, bytes. A DynamoDB item holds 400 KB, with its key and attribute names; the rest is reserve.
pub const STORED_EVENT_BYTES: usize = 380_000;
/// A message's text, characters. WhatsApp's own bound for a text message.
pub const TEXT_CHARS: usize = 65_536;
/// An opaque id of upstream (chat, message), characters. Ours: WhatsApp's ids have fewer than 100.
pub const ID_CHARS: usize = 256;
/// A workspace's id, characters. With the webhook's and a lane's number it has to fit SQS's 128 for a group's id.
pub const WORKSPACE_ID_CHARS: usize = 64;
/// A webhook's id, characters. See `WORKSPACE_ID_CHARS`.
pub const WEBHOOK_ID_CHARS: usize = 32;
/// A name of a person, chat or file, characters. Ours: WhatsApp's group names end at 100, file names at 255.
pub const NAME_CHARS: usize = 1_024;
/// An e-mail address, characters. RFC 3696 erratum 1690 has 254; 320 is the older, wider reading.
pub const EMAIL_CHARS: usize = 320;
/// A phone number as a person writes it, characters. E.164 has 15 digits; the rest is spaces and brackets.
pub const PHONE_CHARS: usize = 64;
/// A URL, characters. What browsers and proxies are known to carry.
pub const URL_CHARS: usize = 2_048;
/// A media type, characters. RFC 6838 section 4.2 has 127 on either side of the slash.
pub const MIMETYPE_CHARS: usize = 255;
/// A file's size, bytes: the largest integer that every JSON reader keeps exactly (RFC 8259 section 6).
pub const FILE_BYTES: u64 = 9_007_199_254_740_991;
/// How far ahead of our clock a message's timestamp may be: more than clocks that are looked after differ.
pub const AHEAD: Duration = Duration::from_secs(5 * 60);
/// How old a message may be. WhatsApp keeps what it cannot deliver for 30 days.
pub const BEHIND: Duration = Duration::from_secs(30 * DAY_SECONDS);

/// A file that comes with its message, bytes. A hundred of its size, as base64, fit a call.
pub const INLINE_FILE_BYTES: usize = 256 * 1_024;
/// The largest file that is copied, bytes: the largest that WhatsApp carries, a document's 100 MB.
pub const COPIED_FILE_BYTES: u64 = 100 * 1_024 * 1_024;
/// An object's key in the platform's bucket, bytes. S3's own.
pub const OBJECT_KEY_BYTES: usize = 1_024;
/// A bucket's name, characters. S3's own.
pub const BUCKET_NAME_CHARS: usize = 63;

/// Messages in one call of Meta's. Its reference, "Webhooks overview": batches of up to 1,000 updates, of up to 3 MB.
pub const WHATSAPP_UPDATES: usize = 1_000;
/// Files in one call of Twilio's. Its own bound is 10.
pub const TWILIO_FILES: usize = 10;
/// When a message that says not when it was sent first came is remembered for so long: longer than Twilio tries again.
pub const FIRST_SEEN_LIFE: Duration = Duration::from_secs(2 * DAY_SECONDS);
/// WhatsApp numbers that a workspace's settings name. Ours: a webhook's filter names as many.
pub const UPSTREAM_ACCOUNTS: usize = 50;
/// Digits of upstream's id of a number: E.164 has 15, and Meta's ids fewer than 20.
pub const UPSTREAM_ACCOUNT_DIGITS: usize = 32;
/// A template of links, characters: filled in, it is to be a URL of [`URL_CHARS`].
pub const URL_TEMPLATE_CHARS: usize = 1_024;

// ---- Time ----

/// Seconds of a day.
pub const DAY_SECONDS: u64 = 86_400;
/// The longest that an ingest invocation lives; the template's time-out of that function is the same.
pub const INGEST_LIFE: Duration = Duration::from_secs(10);
/// Clocks of two functions differ by no more than this. Lambda's are kept to milliseconds; the rest is reserve.
pub const CLOCK_SKEW: Duration = Duration::from_secs(5);
/// A message counts as on time until this long after its window's end: what upstream needs to send it, twice over.
pub const TOLERANCE: Duration = Duration::from_secs(20);
/// Nothing is read from a bucket before this long after its window's end: tolerance + life + skew, and 10 s of reserve.
pub const GRACE: Duration = Duration::from_secs(45);
/// A warm function uses the settings it has read for so long.
pub const SETTINGS_AGE: Duration = Duration::from_secs(30);
/// A warm function uses the root secret that it has read for so long, and what upstreams are known by.
pub const ROOT_SECRET_AGE: Duration = Duration::from_secs(5 * 60);
/// A change of granularity or time zone begins at least so far ahead: accepted future + cached settings + life + skew, and reserve.
pub const CHANGE_LEAD: Duration = Duration::from_secs(7 * 60);
/// How long what a failing or disabled webhook does not take is held: two weeks, for an owner who was away for one.
pub const HOLDING: Duration = Duration::from_secs(14 * DAY_SECONDS);
/// Messages expire so long after their bucket's end: as long as an attempt is kept whose body is made of them again. That
/// is longer than holding and the retry schedule (28 h).
pub const MESSAGE_LIFE: Duration = Duration::from_secs(31 * DAY_SECONDS);
/// Delivery records outlive messages, so that a late redelivery of a reference finds them.
pub const DELIVERY_LIFE: Duration = Duration::from_secs(60 * DAY_SECONDS);
/// Attempts are kept so long. The article asks for the 100 most recent; a month covers a slow webhook's.
pub const ATTEMPT_LIFE: Duration = Duration::from_secs(30 * DAY_SECONDS);
/// An attempt that begins so long after its delivery fell due, or later, keeps its body: the messages expire before it does.
pub const GATHERED_AGE: Duration = Duration::from_secs(DAY_SECONDS);
/// A bundle that is taken whole at the first try so soon after it fell due leaves one item, its receipt. The sweep's spread
/// and a queue that is behind fit many times; whoever reads the log looks for the last ones so far behind.
pub const RECEIPT_AGE: Duration = Duration::from_secs(15 * 60);
/// Attempts that the log is read for at a time. The article's number.
pub const LOG_ATTEMPTS: usize = 100;
/// Actions that are looked back at. The article's number.
pub const RECENT_ACTIONS: usize = 10;
/// Buckets that the log reads at the same time.
pub const LOG_CONCURRENCY: usize = 8;
/// What began so long ago stands in the log, where it has to: a receipt stands by when its delivery fell due, and is
/// written when its sender's invocation ends at the latest.
pub const LOG_SETTLED: Duration = Duration::from_secs(20 * 60);
/// What was counted of a day of the log is kept so long after the day: a little longer than the log itself.
pub const TRAFFIC_LIFE: Duration = Duration::from_secs(32 * DAY_SECONDS);
/// Days that the log is counted for. Attempts are kept as long.
pub const TRAFFIC_DAYS: u64 = 30;
/// Days of the log that are counted at the same time: each page that is read takes 1 MB of memory and as much again.
pub const TRAFFIC_CONCURRENCY: usize = 8;
/// Pages of the log that one look counts, 100 MB of it. What was counted is kept, and the next look goes on from there.
pub const TRAFFIC_PAGES: usize = 100;
/// What is waited between tries to copy a file, the first of which is made at once: what passes has passed in minutes,
/// and a delivery may be waiting.
pub const FILE_RETRIES: [Duration; 3] = [Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(4 * 60)];
/// A part of an upload, bytes. S3 takes no less than 5 MiB but for the last; this is what copying holds of a file.
pub const UPLOAD_PART_BYTES: usize = 8 * 1_024 * 1_024;
/// Copying one file, from its first request to its last: 100 MB at 7 megabits a second.
pub const FILE_COPY: Duration = Duration::from_secs(120);
/// A source that sends nothing for so long is given up.
pub const FILE_IDLE: Duration = Duration::from_secs(15);
/// The longest that an attachments invocation lives; the template's time-out of that function is the same.
pub const ATTACHMENTS_LIFE: Duration = Duration::from_secs(150);
/// A file that is not there so long after its message arrived is given up by the tick: nothing waits for it any longer.
pub const FILE_WAIT: Duration = Duration::from_secs(20 * 60);
/// A delivery goes out after those whose files are waited for, as far as their messages are no older than this.
pub const FILE_ORDER: Duration = Duration::from_secs(60 * 60);
/// What is known of a file is kept as long as its message: to the end of the longest window, and then as a message.
pub const FILE_LIFE: Duration = Duration::from_secs(MESSAGE_LIFE.as_secs() + 2 * DAY_SECONDS);
/// A copy is kept a day longer, by the bucket's own rule: until nothing can ask for a link any more.
pub const COPY_DAYS: u64 = 34;
/// Deliveries that wait for one file. More of them go out without it.
pub const FILE_WAITING: usize = 200;
/// A link to a copy leads there so long after it was minted. The article's number.
pub const FILE_LINK: Duration = Duration::from_secs(15 * 60);
/// What a link is counted as where a bundle is split into documents, bytes: a key, a signature and a session's token.
pub const FILE_LINK_BYTES: usize = 2_000;
/// Sweep marks are kept so long: until no tick can still be catching up with them.
pub const MARK_LIFE: Duration = Duration::from_secs(17 * DAY_SECONDS);
/// How far back the very first tick looks, in aggregation units: a deployment whose ticks fail for a day loses nothing.
pub const FIRST_TICK_UNITS: u32 = 25;

// ---- Sweeping ----

/// Partitions of one window's end. Fixed for good: changing it would hide what is stored. At 10,000 messages a second
/// each takes 39 writes, far from the 1,000 that DynamoDB gives a partition.
pub const SHARDS: u16 = 256;
/// Shards that one tick reads at the same time.
pub const SWEEP_CONCURRENCY: usize = 32;
/// Rows a lane up to which a sweep reads lanes whole, as much of them as a request returns. Of longer ones it reads the first
/// few rows, and a request for each costs less than the rest of it.
pub const SHORT_LANE_ROWS: u16 = 16;
/// Rows of long lanes that a request reads: those that one read unit pays for, 4 KB, of common messages.
pub const LONG_LANE_PAGE_ROWS: u16 = 5;
/// A window's shards become readable one after the other over so long: a million chats do not fall due in one second.
pub const SWEEP_SPREAD: Duration = Duration::from_secs(2 * 60);
/// The longest that an aggregator invocation lives; the template's time-out of that function is the same.
pub const SWEEP_LIFE: Duration = Duration::from_secs(60);
/// References of one webhook that the queue gets at a time: by a tick's sweep, and then by turns. SQS looks for a free group among the first 120,000 messages
/// of a FIFO queue: dozens of webhooks with a backlog leave room for everybody else's.
pub const TURN_REFERENCES: u64 = 2_000;
/// For so long a turn waits for the outcomes of the one before: the day for which the queue hands out what is not done.
/// A reference that it has given up on, which gets no outcome any more, then holds up its webhook's rest no longer.
pub const TURN_WAIT: Duration = Duration::from_secs(DAY_SECONDS);
/// For so long what was held and has been released may be on its way to its attempt: longer than the queue swallows the
/// same reference, and as a slow receiver needs for a few hundred. Then it is released again.
pub const RELEASE_WAIT: Duration = Duration::from_secs(30 * 60);
/// References of one window's end that one aggregator invocation is expected to enqueue by itself. The rest of the
/// shards is handed over: it is what the design asks of one function in a minute.
pub const FAN_OUT_REFERENCES: u64 = 100_000;
/// Invocations that one tick hands shards over to: some percent of an account's default concurrency.
pub const FAN_OUT_INVOCATIONS: u64 = 16;
/// An invocation that has been handed over begins within so long or never: the template's limit is the same.
pub const HAND_OVER_AGE: Duration = Duration::from_secs(60);
/// A bucket is not cut so shortly before its window's end any more: a cut that came late would change what goes out then.
pub const CUT_LEAD: Duration = Duration::from_secs(30);
/// Cuts of one bucket. Each is a delivery of its own; who wants more of them wants a shorter window.
pub const CUTS: usize = 100;
/// Shards that are asked at the same time for what a webhook gathers.
pub const GATHERING_CONCURRENCY: usize = 32;
/// Rows of a webhook that a request for what it gathers reads of a shard: more than a lively group says in a day.
pub const GATHERING_PAGE_ROWS: u16 = 1_000;
/// Rows that a look at what a webhook gathers reads before it says "more than": some ten megabytes.
pub const GATHERING_ROWS: usize = 20_000;
/// Messages that SQS takes in one request.
pub const QUEUE_BATCH: usize = 10;
/// Conditional writes of one ingest call that are under way at the same time.
pub const INGEST_CONCURRENCY: usize = 16;

// ---- What goes out ----

/// Messages in one document: more than a person reads in one note.
pub const DOCUMENT_MESSAGES: usize = 500;
/// Stored bytes of the messages in one document: receivers commonly refuse bodies over 256 KiB.
pub const DOCUMENT_BYTES: usize = 200 * 1_024;
/// To find the addresses of a receiver's name: a part of the time to connect.
pub const RESOLVE: Duration = Duration::from_secs(2);
/// To connect to a receiver: two lost SYNs are repeated within it.
pub const CONNECT: Duration = Duration::from_secs(5);
/// A whole request to a receiver, its response's body included. Standard Webhooks asks for 15 to 30 s.
pub const REQUEST: Duration = Duration::from_secs(15);
/// What is read of a response's body, bytes: enough for any error page's message.
pub const RESPONSE_BODY_BYTES: usize = 32 * 1_024;
/// What is kept of a response's header lines, bytes. With the body it has to fit a stored attempt, whatever a receiver
/// sends.
pub const RESPONSE_HEADER_BYTES: usize = 16 * 1_024;
/// To hand a mail to the mail service, its answer included: what SES takes on a bad day, several times over.
pub const MAIL: Duration = Duration::from_secs(10);
/// A name in a mail, characters: a subject with two of them is still a line that mail programs show.
pub const MAIL_NAME_CHARS: usize = 100;
/// The sender starts no request with less than this before its deadline: a request, its records, and reserve.
pub const SENDER_RESERVE: Duration = Duration::from_secs(20);
/// Requests at a time to one webhook, unless its settings say otherwise. Ours: small receivers have as many workers.
pub const CONCURRENCY: u16 = 4;
/// The most requests at a time that a webhook's settings may ask for.
pub const CONCURRENCY_MAX: u16 = 64;
/// The longest that a receiver's Retry-After is believed: longer than every wait of the retry schedule, shorter than an
/// outage that its owner would not hear of.
pub const RETRY_AFTER: Duration = Duration::from_secs(10 * 3_600);
/// Headers of an owner's own on each request. Ours: a key, a signature of another kind, and what a gateway asks for.
pub const CUSTOM_HEADERS: usize = 20;
/// The name of such a header, characters. The longest registered one has 38.
pub const HEADER_NAME_CHARS: usize = 128;
/// Their names and values together, bytes: with the longest URL and our own headers they fit the 8 KiB that servers
/// commonly read.
pub const CUSTOM_HEADERS_BYTES: usize = 4_096;
/// A secret that has been replaced signs beside the new one for so long: a working day in every time zone, for whoever
/// has to bring the new one to the receiver.
pub const SECRET_OVERLAP: Duration = Duration::from_secs(DAY_SECONDS);
/// Secrets that sign at the same time: two replacements within a day. Each adds 48 bytes to every request.
pub const SIGNING_SECRETS: usize = 3;
/// What a webhook that does not take what it is sent is waited for, minutes: after its first error, its second, and so
/// on. With a tenth more or less; the template's parameter is the same.
pub const RETRY_WAITS_MINUTES: [u64; 10] = [1, 5, 15, 30, 60, 120, 180, 240, 300, 360];
/// At so many errors in a row a webhook is disabled, and a delivery given up. Article: "more than 10 consecutive errors".
pub const DISABLE_AT_ERROR: u32 = 11;
/// At so many errors in a row the owner is warned: an hour and a half after the first.
pub const WARN_AT_ERROR: u32 = 5;
/// The most errors that a stack may wait for.
pub const ERRORS_MAX: u32 = 1_000;
/// The longest wait that a stack may ask for, hours: what is held goes out within two weeks.
pub const WAIT_HOURS_MAX: u64 = 24;
/// Who has claimed a probe is done within so long, or dead: a request, its records, and two clocks' skew.
pub const PROBE_LEASE: Duration = Duration::from_secs(45);
/// How often a result is counted anew because somebody else has changed the webhook's health meanwhile: more than a
/// webhook has requests at a time.
pub const HEALTH_TRIES: usize = 100;
/// An invocation of the sender has ended after so long, which is its timeout in the template.
pub const SENDER_LIFE: Duration = Duration::from_secs(60);
/// After a change of concurrency nothing is attempted for so long: until requests in former groups have ended, and until
/// the queue has handed out again what somebody who died had in his hands, so that it is held and no newer one goes first.
pub const SETTLING: Duration = DRAINED;
/// Webhooks of a workspace.
pub const WEBHOOKS: usize = 10;
/// WhatsApp accounts that a webhook's filter names.
pub const FILTER_ACCOUNTS: usize = 50;
/// Held deliveries among which a probe is chosen.
pub const PROBE_CANDIDATES: u64 = 10;
/// What our own trouble has kept from going out, until the queue gave up on it, is tried again after so long.
pub const OURS_WAIT: Duration = Duration::from_secs(15 * 60);
/// How far what is held is counted for an e-mail: behind it, "more than" says enough.
pub const COUNTED: u64 = 1_000;
/// Draining ends when nothing has waited for so long: what the longest sender invocation holds at its end, and the
/// index's lag.
pub const DRAINED: Duration = Duration::from_secs(15 * 60);
/// What one write unit pays for, bytes of an item. DynamoDB's own.
pub const WRITE_UNIT_BYTES: usize = 1_024;
/// A stored attempt, bytes, compressed: it has to fit a DynamoDB item.
pub const STORED_ATTEMPT_BYTES: usize = 380_000;
/// An escaped id in a key, bytes; a longer one is hashed. Five of them have to fit DynamoDB's 1,024 for a sort key.
pub const KEY_PART_BYTES: usize = 256;

// ---- Who may see a workspace's page ----

/// The shortest life of a portal link, and of the session that it opens: who gets one has to find the browser first.
pub const PORTAL_LIFE_MIN: Duration = Duration::from_secs(60);
/// The longest: a working day. Nothing takes a session back before its end but another root secret.
pub const PORTAL_LIFE_MAX: Duration = Duration::from_secs(12 * 3_600);
/// A signed token as it is sent, characters: the longest workspace id's link has 168.
pub const PORTAL_TOKEN_CHARS: usize = 256;
/// What a person sends to change a webhook, bytes: the longest URL and headers, every character as an escape, and reserve.
pub const PORTAL_BODY_BYTES: usize = 64 * 1_024;
/// What one answer shows of a long list, bytes. A Function URL answers with 6 MB, of which base64 leaves three quarters;
/// the rest is reserve.
pub const PORTAL_ANSWER_BYTES: usize = 4_300_000;
/// So long a link to a file that was too long for an answer downloads it: one that a browser follows at once.
pub const DOWNLOAD_LINK: Duration = Duration::from_secs(15 * 60);
/// How long a page's request for what a webhook has carried goes on: days that are not counted by then, the next one counts.
pub const PORTAL_COUNTING: Duration = Duration::from_secs(3);
/// So long a replay that a person waits for goes on, before it says where the rest begins.
pub const PORTAL_REPLAY: Duration = Duration::from_secs(15);
/// So far back lies the oldest window's end that anything is kept at: a pointer lives as long as the late message that it
/// points to, and DynamoDB deletes what has expired within some days.
pub const OLDEST_WINDOW: Duration = Duration::from_secs(MESSAGE_LIFE.as_secs() + BEHIND.as_secs() + 4 * DAY_SECONDS);
/// Buckets whose keys are read before what is found is erased.
pub const ERASE_WINDOWS: usize = 32;
/// Items that DynamoDB deletes in one request.
pub const DELETE_BATCH: usize = 25;
/// How often it is asked again for those that it did not get to: they are its own throttling, which the client waits for.
pub const DELETE_TRIES: usize = 5;
/// So long a person waits for a test: a request to a receiver, its record, and a sender that has to start.
pub const TRIAL: Duration = Duration::from_secs(25);
/// Where a replay goes on, characters: a sort key of the log has fewer than 100.
pub const AFTER_CHARS: usize = 256;
/// The length of a portal link's nonce and of a session's id, bytes: 128 random bits, as RFC 4122's 122 and more.
pub const PORTAL_ID_BYTES: usize = 16;
/// So long it takes at the most to count what was carried, before it is told what there is.
pub const PORTAL_TRAFFIC: Duration = Duration::from_secs(8);
/// Chats with something gathered that one answer lists. Ours: who has more looks for one by its name.
pub const PORTAL_CHATS: usize = 500;
/// Failed tries of one source within a window that are answered for what they are. Ours: nobody types these keys.
pub const FAILED_TRIES: u64 = 20;
/// The window in which failed tries are counted.
pub const FAILED_TRIES_WINDOW: Duration = Duration::from_secs(60);
/// Sources with too many failed tries that a process remembers; the table counts those of all.
pub const BLOCKED_SOURCES: usize = 1_024;

// The protocol's inequalities. Breaking one must not compile.
const _: () = assert!(GRACE.as_secs() >= TOLERANCE.as_secs() + INGEST_LIFE.as_secs() + CLOCK_SKEW.as_secs());
const _: () = assert!(
    CHANGE_LEAD.as_secs() > AHEAD.as_secs() + SETTINGS_AGE.as_secs() + INGEST_LIFE.as_secs() + CLOCK_SKEW.as_secs()
);
const _: () = assert!(PROBE_LEASE.as_secs() >= SENDER_RESERVE.as_secs() + 2 * CLOCK_SKEW.as_secs());
const _: () = assert!(TRIAL.as_secs() >= SENDER_RESERVE.as_secs() + CLOCK_SKEW.as_secs());
const _: () = assert!(CUT_LEAD.as_secs() + GRACE.as_secs() > SWEEP_LIFE.as_secs() + CLOCK_SKEW.as_secs());
const _: () = assert!(MESSAGE_LIFE.as_secs() > HOLDING.as_secs() + 29 * 3_600);
// What is made again from messages finds them for as long as it is kept.
const _: () = assert!(MESSAGE_LIFE.as_secs() >= ATTEMPT_LIFE.as_secs() + GATHERED_AGE.as_secs());
// Whatever leaves a receipt can leave its body to the messages, so that it is one write unit.
const _: () = assert!(RECEIPT_AGE.as_secs() <= GATHERED_AGE.as_secs());
// What is kept of a count is final: nothing is written to the log any more where it was counted.
const _: () = assert!(LOG_SETTLED.as_secs() > RECEIPT_AGE.as_secs() + SENDER_LIFE.as_secs() + 2 * CLOCK_SKEW.as_secs());
const _: () = assert!(TRAFFIC_LIFE.as_secs() > ATTEMPT_LIFE.as_secs());
// What is tried is tried before it is given up by the tick.
const _: () = assert!(
    FILE_WAIT.as_secs()
        > FILE_RETRIES[0].as_secs()
            + FILE_RETRIES[1].as_secs()
            + FILE_RETRIES[2].as_secs()
            + 4 * ATTACHMENTS_LIFE.as_secs()
);
const _: () = assert!(ATTACHMENTS_LIFE.as_secs() > FILE_COPY.as_secs() + FILE_IDLE.as_secs());
const _: () = assert!(COPY_DAYS * DAY_SECONDS > FILE_LIFE.as_secs());
// A bundle that is enqueued and sent at once is sent soon enough.
const _: () = assert!(RECEIPT_AGE.as_secs() > GRACE.as_secs() + SWEEP_SPREAD.as_secs() + SWEEP_LIFE.as_secs());
const _: () = assert!(DELIVERY_LIFE.as_secs() > MESSAGE_LIFE.as_secs() + BEHIND.as_secs() - 3 * DAY_SECONDS);
