//! What the memory adapters keep, kept over a restart: one redb database in a directory, one transaction for each
//! request. With each change it keeps what the clock showed, so that a restarted clock goes on from there.

use crate::{clock::Clock, item_json};
use bundler::{
    memory::{Change, Journal, Store},
    ports::Clock as _,
    table::{Item, ItemKey},
    timestamp::Timestamp,
};
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition, TableError};
use std::{fs, path::Path, sync::Arc};

/// Items by partition and sort key; each as JSON.
type Items = TableDefinition<'static, (&'static str, &'static str), &'static [u8]>;

const TABLE: Items = TableDefinition::new("table");
const QUEUE: Items = TableDefinition::new("queue");
const FILES: Items = TableDefinition::new("files");
/// What the clock showed at the last change, in milliseconds since 1970.
const CLOCK: TableDefinition<'static, (), u64> = TableDefinition::new("clock");

/// What the table, the queue and the files are kept in: by default, in memory alone.
#[derive(Default)]
pub(crate) struct Stores {
    pub(crate) table: Store,
    pub(crate) queue: Store,
    /// Copies, and which are to be made.
    pub(crate) files: Store,
}

/// An open database, and what was in it.
pub(crate) struct Kept {
    database: Arc<Database>,
    table: Vec<Item>,
    queue: Vec<Item>,
    files: Vec<Item>,
    clock: Option<Timestamp>,
}

impl Kept {
    /// Opens the database in `directory`; both are made if they are not there.
    pub(crate) fn open(directory: &Path) -> Result<Self, String> {
        let shown = directory.display();
        fs::create_dir_all(directory).map_err(|error| format!("making the directory {shown}: {error}"))?;
        let database = Database::create(directory.join("bundlehook.redb")).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => format!("{shown} is in use by another `cargo local`"),
            other => format!("opening the database in {shown}: {other}"),
        })?;
        let read = |error: redb::Error| format!("reading the database in {shown}: {error}");
        let (table, queue) = (items(&database, TABLE).map_err(read)?, items(&database, QUEUE).map_err(read)?);
        let (files, clock) = (items(&database, FILES).map_err(read)?, clock(&database).map_err(read)?);
        Ok(Self { database: Arc::new(database), table, queue, files, clock })
    }

    /// What the clock showed when something was last stored.
    pub(crate) fn clock(&self) -> Option<Timestamp> {
        self.clock
    }

    /// The stores with all that was kept. What they store from now on is kept too, with what `clock` shows.
    pub(crate) fn into_stores(self, clock: &Clock) -> Stores {
        let restore = |items, definition| {
            let (database, clock) = (self.database.clone(), clock.clone());
            Store::restored(items, Box::new(RedbJournal { database, items: definition, clock }))
        };
        Stores {
            table: restore(self.table, TABLE),
            queue: restore(self.queue, QUEUE),
            files: restore(self.files, FILES),
        }
    }
}

struct RedbJournal {
    database: Arc<Database>,
    items: Items,
    clock: Clock,
}

impl Journal for RedbJournal {
    fn keep(&self, changes: &[Change]) -> Result<(), String> {
        self.write(changes).map_err(|error| format!("writing to the database: {error}"))
    }
}

impl RedbJournal {
    fn write(&self, changes: &[Change]) -> Result<(), redb::Error> {
        let transaction = self.database.begin_write()?;
        {
            let mut items = transaction.open_table(self.items)?;
            for change in changes {
                match change {
                    Change::Put(item) => {
                        items
                            .insert((item.key.pk.as_str(), item.key.sk.as_str()), item_json::encode(item).as_slice())?;
                    }
                    Change::Delete(key) => {
                        items.remove((key.pk.as_str(), key.sk.as_str()))?;
                    }
                }
            }
            transaction.open_table(CLOCK)?.insert((), self.clock.now().millis())?;
        }
        transaction.commit()?;
        Ok(())
    }
}

fn items(database: &Database, definition: Items) -> Result<Vec<Item>, redb::Error> {
    let items = match database.begin_read()?.open_table(definition) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        opened => opened?,
    };
    let mut found = Vec::new();
    for entry in items.iter()? {
        let (key, json) = entry?;
        let (pk, sk) = key.value();
        let key = ItemKey { pk: pk.to_owned(), sk: sk.to_owned() };
        found.push(item_json::decode(key, json.value()).map_err(redb::Error::Corrupted)?);
    }
    Ok(found)
}

fn clock(database: &Database) -> Result<Option<Timestamp>, redb::Error> {
    match database.begin_read()?.open_table(CLOCK) {
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        opened => Ok(opened?.get(())?.and_then(|millis| Timestamp::from_millis(millis.value()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::{
        arguments::{Arguments, Command, parse},
        check, demonstration, expected,
        run::{Opened, name_accounts, open, set_up},
        sample,
        sample_files::library,
        screen::Screen,
        upstream::Kind,
    };
    use bundler::{memory::MemoryQueue, ports::EraseObjects as _, window::Granularity};
    use std::{env, path::PathBuf, process, time::Duration};

    /// A directory that is gone when the test is over.
    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            Self(env::temp_dir().join(format!("bundlehook-local-{}-{name}", process::id())))
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[tokio::test]
    async fn everything_is_there_again_after_a_restart_and_the_clock_with_it() {
        let clock = Clock::new(Timestamp::parse("2026-03-02T16:00:00Z").expect("a moment"), 60);
        for (granularity, queued) in [(Granularity::Hours1, 0), (Granularity::None, 62)] {
            let directory = Directory::new(&format!("restart-{queued}"));
            let kept = Kept::open(&directory.0).expect("a new database");
            assert_eq!(kept.clock(), None);
            let (table, queue) = fixtures::taken_in(kept.into_stores(&clock), &clock, granularity).await;
            let received = queue.receive(2).expect("received");
            received.first().map(|first| queue.finish(first)).transpose().expect("finished");
            let (items, left) = (table.store().items(), queue.len().expect("a length"));
            assert_eq!((items.len(), left), (63, usize::saturating_sub(queued, 1)));
            drop((table, queue));

            let kept = Kept::open(&directory.0).expect("the database");
            assert_eq!(kept.clock(), Some(clock.now()));
            let again = kept.into_stores(&clock);
            assert_eq!(again.table.items(), items);
            let queue = MemoryQueue::new(again.queue, clock.clone(), Duration::from_secs(60), 5);
            assert_eq!(queue.len(), Ok(left));
            let again = queue.receive(1).expect("received");
            assert!(again.iter().all(|again| !received.contains(again)), "what was handed out stays hidden");
        }
    }

    fn arguments() -> Arguments {
        let Ok(Command::Run(arguments)) = parse(["--once".into()]) else { panic!("the arguments are right") };
        arguments
    }

    /// One life of the process: when it is over, nobody has the database any more.
    fn live<T>(directory: &Directory, life: impl AsyncFnOnce(Opened, Option<Timestamp>) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let kept = Kept::open(&directory.0).expect("the database");
            let older = kept.clock();
            let start = sample::start(&sample::conversation(None, Kind::WhatsApp).expect("the sample"));
            let clock = Clock::new(older.unwrap_or(start), 1_000_000);
            let stores = kept.into_stores(&clock);
            let opened = open(&arguments(), stores, clock, Screen::silent(), &library()).await.expect("a world");
            let table = &opened.stage.world.table;
            set_up(table, older, Granularity::Hours1, opened.receives_at).await.expect("settings");
            name_accounts(table).await.expect("accounts");
            life(opened, older).await
        })
    }

    #[test]
    fn a_file_that_was_still_to_be_copied_when_the_process_ended_is_copied_by_the_next_one() {
        let directory = Directory::new("copy");
        live(&directory, async |Opened { stage, .. }, older| {
            assert_eq!(older, None);
            // The fourth and the fifth have a picture each.
            for played in &sample::conversation(None, Kind::WhatsApp).expect("the sample")[..5] {
                stage.clock.run_to(played.at).await;
                for call in &played.calls {
                    stage.upstream.send(call).await.expect("taken");
                }
            }
        });
        live(&directory, async |Opened { stage, .. }, older| {
            let owed = expected::owed(stage.world.table.store(), older.expect("a clock")).expect("readable");
            assert_eq!(owed.len(), 5);
            demonstration::play(&stage, &[], &owed, 1_000_000).await.expect("played");
            assert_eq!(check::faults(&owed, &stage.receiver.webhooks()), Vec::<String>::new());
        });
        live(&directory, async |Opened { stage, .. }, _| {
            let copies = stage.world.files.list_objects("files/").await.expect("listed");
            assert_eq!(copies.len(), 2, "copies are kept, too");
        });
    }

    #[test]
    fn a_database_in_use_is_not_opened_a_second_time() {
        let directory = Directory::new("in-use");
        let _kept = Kept::open(&directory.0).expect("a new database");
        let error = Kept::open(&directory.0).err().expect("refused");
        assert!(error.ends_with("is in use by another `cargo local`"), "{error}");
    }
}
