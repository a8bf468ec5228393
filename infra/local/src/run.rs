//! One run: everything is put together, the demonstration is played and checked, and then there is time by hand.

use crate::{
    arguments::{Afterwards, Arguments},
    by_hand, check,
    clock::Clock,
    demonstration, expected, ingest_endpoint,
    mailbox::Mailbox,
    receiver::Receiver,
    sample,
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
    ports::{Clock as _, ReadSettings},
    settings::Settings,
    timestamp::Timestamp,
    window::Granularity,
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
    sync::Arc,
};
use tokio::net::TcpListener;

/// Whom mails are for. The screen shows them, and they go no further.
const OWNER: &str = "owner@acme.example";
/// What a shell calls a process that Ctrl-C has ended.
const INTERRUPTED: u8 = 130;

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| format!("starting: {error}"))?.block_on(acts(arguments))
}

async fn acts(arguments: &Arguments) -> Result<ExitCode, String> {
    let kept = arguments.data.as_deref().map(Kept::open).transpose()?;
    let older = kept.as_ref().and_then(Kept::clock);
    let conversation = sample::conversation(older)?;
    let clock = Clock::new(sample::start(&conversation), arguments.speed);
    let stores = kept.map_or_else(Stores::default, |kept| kept.into_stores(&clock));

    let screen = Screen::new();
    let mailbox = Mailbox { screen: screen.clone(), clock: clock.clone() };
    let world = Arc::new(World::new(stores, clock.clone(), mailbox, arguments.lines)?);
    let owed = expected::owed(world.table.store(), clock.now()).map_err(|error| error.to_string())?;
    let listeners = [listen(0).await?, listen(arguments.port).await?];
    let [receives_at, takes_at] = listeners.each_ref().map(|(_, address)| *address);
    let [(receiving, _), (taking, _)] = listeners;
    let settings = match arguments.afterwards {
        Afterwards::End => None,
        Afterwards::StayUp => {
            let (listener, address) = listen(arguments.settings_port).await?;
            Some(SettingsEndpoint::start(listener, address, world.clone())?)
        }
    };
    set_up(&world.table, older, arguments.every, format!("http://{receives_at}/")).await?;
    let receiver = Receiver::start(receiving, world.clone(), screen.clone());
    ingest_endpoint::start(taking, world.clone());
    let upstream = Upstream::new(takes_at).await?;
    let stage = Stage { world, clock, screen, receiver, upstream, granularity: arguments.every };

    let keeping = match (&arguments.data, older) {
        (None, _) => Keeping::InMemory,
        (Some(directory), None) => Keeping::New(directory),
        (Some(directory), Some(_)) => Keeping::Restored(directory, owed.len()),
    };
    stage.screen.show(&words::beginning(&stage, receives_at, &keeping, &conversation, arguments.speed));
    let expected = [owed, sample::expected(&conversation, arguments.every)].concat();
    tokio::select! {
        played = demonstration::play(&stage, &conversation, &expected, arguments.speed) => played?,
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

/// Sets the workspace's webhook. Where it was set before, only a change of granularity is one, and begins ahead.
async fn set_up(table: &MemoryTable, older: Option<Timestamp>, every: Granularity, url: String) -> Result<(), String> {
    let (workspace, webhook) = (WorkspaceId::parse(WORKSPACE)?, WebhookId::first());
    let stored = table.read_settings(&workspace, &webhook).await.map_err(|error| error.to_string())?;
    let mut settings = Settings::new(url, every, secrets::signing());
    settings.owner_email = Some(OWNER.to_owned());
    if let (Some(stored), Some(older)) = (stored, older) {
        settings.schedule = stored.schedule;
        if settings.schedule.at(older.plus(limits::CHANGE_LEAD)) != every.into() {
            settings.schedule.change(older, every.into());
        }
    }
    table.put_settings(&workspace, &webhook, &settings).map_err(|error| error.to_string())
}

/// Listens on a port of 127.0.0.1, any free one for 0.
async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), String> {
    let doing = |error| format!("listening on port {port} of 127.0.0.1: {error}");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(doing)?;
    let address = listener.local_addr().map_err(doing)?;
    Ok((listener, address))
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler Ctrl-C ends the process by itself.
        std::future::pending::<()>().await;
    }
}
