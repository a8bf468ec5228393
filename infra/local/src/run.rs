//! One run: everything is put together, the demonstration is played and checked, and then there is time by hand.

use crate::{
    adapted,
    arguments::{Afterwards, Arguments},
    by_hand, check,
    clock::Clock,
    demonstration, expected,
    fakes::Library,
    ingest_endpoint, links_endpoint,
    mailbox::Mailbox,
    names::{Addresses, listen},
    prepared,
    receiver::Receiver,
    sample, sample_files,
    screen::Screen,
    secrets,
    settings_endpoint::SettingsEndpoint,
    stage::Stage,
    stores::{Kept, Stores},
    upstream::{Upstream, WORKSPACE},
    words::{self, Keeping},
    world::World,
};
use bundler::{
    id::{WebhookId, WorkspaceId},
    limits,
    memory::MemoryTable,
    ports::{Clock as _, PutUpstream as _, ReadUpstream as _, ReadWebhook},
    settings::Settings,
    timestamp::Timestamp,
    window::Granularity,
};
use std::{net::SocketAddr, process::ExitCode, sync::Arc};

/// Whom mails are for. The screen shows them, and they go no further.
const OWNER: &str = "owner@acme.example";
/// Of a demonstration that somebody looks at.
const SPEED: u32 = 1_200;
/// What a shell calls a process that Ctrl-C has ended.
const INTERRUPTED: u8 = 130;

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| format!("starting: {error}"))?.block_on(acts(arguments))
}

async fn acts(arguments: &Arguments) -> Result<ExitCode, String> {
    if let Some(page) = arguments.page {
        return prepared::show(page, arguments).await;
    }
    let kept = arguments.data.as_deref().map(Kept::open).transpose()?;
    let older = kept.as_ref().and_then(Kept::clock);
    let conversation = sample::conversation(older, arguments.upstream)?;
    let speed = arguments.speed.unwrap_or(SPEED);
    let clock = Clock::new(sample::start(&conversation), speed);
    let stores = kept.map_or_else(Stores::default, |kept| kept.into_stores(&clock));
    let Opened { stage, settings, receives_at, takes_at } =
        open(arguments, stores, clock, Screen::new(), &sample_files::library()).await?;
    let owed = expected::owed(stage.world.table.store(), stage.clock.now()).map_err(|error| error.to_string())?;
    set_up(&stage.world.table, older, arguments.every, receives_at).await?;
    name_accounts(&stage.world.table).await?;

    let keeping = match (&arguments.data, older) {
        (None, _) => Keeping::InMemory,
        (Some(directory), None) => Keeping::New(directory),
        (Some(directory), Some(_)) => Keeping::Restored(directory, owed.len()),
    };
    stage.screen.show(&words::beginning(&stage, receives_at, &keeping, &conversation, speed));
    let expected = [owed, sample::expected(&conversation, arguments.every)].concat();
    tokio::select! {
        played = demonstration::play(&stage, &conversation, &expected, speed) => played?,
        () = interrupted() => {
            stage.screen.set_progress("");
            stage.screen.show("");
            return Ok(ExitCode::from(INTERRUPTED));
        }
    }
    let faults = check::faults(&expected, &stage.receiver.webhooks());
    stage.screen.show(&words::summary(&stage, &stage.receiver.webhooks(), &faults));
    let Some(settings) = settings else {
        return Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    };
    stage.screen.show(&words::by_hand(&stage, takes_at));
    tokio::select! {
        ended = by_hand::attend(&stage, &settings) => ended?,
        () = interrupted() => stage.screen.show(""),
    }
    Ok(ExitCode::SUCCESS)
}

/// A world that is open to its neighbours.
pub(crate) struct Opened {
    pub(crate) stage: Stage,
    /// None, where the run ends by itself.
    pub(crate) settings: Option<SettingsEndpoint>,
    pub(crate) receives_at: SocketAddr,
    pub(crate) takes_at: SocketAddr,
}

pub(crate) async fn open(
    arguments: &Arguments,
    stores: Stores,
    clock: Clock,
    screen: Screen,
    library: &Library,
) -> Result<Opened, String> {
    let mailbox = Mailbox { screen: screen.clone(), clock: clock.clone() };
    let addresses = Addresses::start(library).await?;
    let (linking, links_at) = listen(0).await?;
    let links = links_endpoint::base(links_at);
    let world = Arc::new(World::new(stores, clock.clone(), mailbox, arguments.lines, addresses, &links)?);
    links_endpoint::start(linking, world.clone());
    let (receiving, receives_at) = listen(0).await?;
    let (taking, takes_at) = listen(arguments.port).await?;
    let settings = match arguments.afterwards {
        Afterwards::End => None,
        Afterwards::StayUp => {
            let (listener, address) = listen(arguments.settings_port).await?;
            Some(SettingsEndpoint::start(listener, address, world.clone())?)
        }
    };
    let receiver = Receiver::start(receiving, world.clone(), screen.clone(), &links)?;
    ingest_endpoint::start(taking, world.clone());
    let upstream = Upstream::new(takes_at).await?;
    let (granularity, kind) = (arguments.every, arguments.upstream);
    let stage = Stage { world, clock, screen, receiver, upstream, granularity, kind };
    Ok(Opened { stage, settings, receives_at, takes_at })
}

/// Sets the workspace's webhook. Where it was set before, it is led to the receiver of this run, and takes everything; a
/// change of granularity begins ahead.
pub(crate) async fn set_up(
    table: &MemoryTable,
    older: Option<Timestamp>,
    every: Granularity,
    receiver: SocketAddr,
) -> Result<(), String> {
    let (workspace, webhook) = (WorkspaceId::parse(WORKSPACE)?, WebhookId::first());
    let url = format!("http://{receiver}/");
    let stored = table.read_webhook(&workspace, &webhook).await.map_err(|error| error.to_string())?;
    let mut settings = Settings::new(url, every, secrets::signing());
    settings.owner_email = Some(OWNER.to_owned());
    if let (Some(stored), Some(older)) = (stored, older) {
        let Settings { schedule, secrets, replaced, others, owner_email, .. } = stored.settings;
        settings = Settings { schedule, secrets, replaced, others, owner_email, ..settings };
        if settings.schedule.at(older.plus(limits::CHANGE_LEAD)) != every.into() {
            settings.schedule.change(older, every.into());
        }
    }
    table.put_settings(&workspace, &webhook, &settings).map_err(|error| error.to_string())?;
    Ok(())
}

/// Says whose numbers the sample's messages go through, unless somebody has said so.
pub(crate) async fn name_accounts(table: &MemoryTable) -> Result<(), String> {
    let workspace = WorkspaceId::parse(WORKSPACE)?;
    let upstream = table.read_upstream(&workspace).await.map_err(|error| error.to_string())?;
    if upstream.revision == 0 {
        let events = sample::events(None)?;
        let upstream = adapted::settings(events.iter().map(|(event, _)| event))?.risen();
        table.put_upstream(&workspace, &upstream).await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

pub(crate) async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler Ctrl-C ends the process by itself.
        std::future::pending::<()>().await;
    }
}
