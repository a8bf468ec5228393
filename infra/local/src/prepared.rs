//! A settings page in a state that somebody wants to see, made in a few seconds by the sample's traffic: for who works on
//! the page, and for the tests that open it in a browser. The clock then goes at its own pace. It judges nothing.

use crate::{
    arguments::{Arguments, PageState},
    clock::Clock,
    demonstration::play,
    run::{Opened, interrupted, open, set_up},
    sample, sample_files,
    screen::Screen,
    secrets,
    stage::{MINUTE, Stage},
    stores::Stores,
    upstream::{Kind, WORKSPACE},
};
use axum::http::StatusCode;
use bundler::{
    event::ChatKind,
    health::State,
    id::{WebhookId, WorkspaceId},
    owner::{self, Change},
    portal::Grant,
    ports::{Clock as _, ReadRootSecret, ReadWebhook},
    settings::{Settings, Switch},
    window::Granularity,
};
use serde_json::json;
use std::process::ExitCode;

/// Seconds of the clock in a real second, until the state is there.
const FAST: u32 = 1_000_000;
/// Messages of the sample's day before its receiver fails for good: until shortly before noon.
const BEFORE_THE_FAILURE: usize = 39;
/// Messages of its second day: until twelve minutes past eleven, so that two chats are being gathered.
const SECOND_DAY: usize = 33;
/// A day of the clock: longer than eleven errors take.
const UNTIL_DISABLED: u32 = 24 * 60;

/// Makes the state, says in one line of JSON where it is to be seen, and stays up.
pub(crate) async fn show(page: PageState, arguments: &Arguments) -> Result<ExitCode, String> {
    let clock = Clock::new(sample::start(&sample::conversation(None, Kind::Native)?), FAST);
    let opened = open(arguments, Stores::default(), clock, Screen::silent(), &sample_files::library()).await?;
    prepare(&opened, page).await?;
    opened.stage.clock.set_speed(arguments.speed.unwrap_or(1));
    Screen::new().show(&places(&opened).await?);
    tokio::select! {
        ended = attend(&opened.stage) => ended?,
        () = interrupted() => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Plays the traffic that leads to the state, as fast as this machine can.
async fn prepare(Opened { stage, receives_at, .. }: &Opened, page: PageState) -> Result<(), String> {
    if page == PageState::Empty {
        stage.clock.set_speed(1);
        return Ok(());
    }
    set_up(&stage.world.table, None, stage.granularity, *receives_at).await?;
    if page == PageState::Several {
        let mut settings = Settings::new(format!("http://{receives_at}/"), Granularity::Hours24, secrets::signing());
        settings.filter.chats = Some(ChatKind::Group);
        change(stage, &Change::Add(WebhookId::parse("crm")?, Box::new(settings))).await?;
    }
    let first = sample::conversation(None, Kind::Native)?;
    let (healthy, rest) = match page {
        PageState::Disabled => first.split_at(BEFORE_THE_FAILURE.min(first.len())),
        PageState::Empty | PageState::Working | PageState::Several | PageState::Failing | PageState::Off => {
            first.split_at(first.len())
        }
    };
    play(stage, healthy, &sample::expected(healthy, stage.granularity), FAST).await?;
    if matches!(page, PageState::Failing | PageState::Disabled) {
        stage.receiver.answer(StatusCode::INTERNAL_SERVER_ERROR);
    }
    play(stage, rest, &[], FAST).await?;
    let second = sample::conversation(Some(stage.clock.now()), Kind::Native)?;
    play(stage, &second[..SECOND_DAY.min(second.len())], &[], FAST).await?;
    match page {
        PageState::Disabled => until_disabled(stage).await?,
        PageState::Off => change(stage, &Change::Switch(Switch::Off)).await?,
        PageState::Empty | PageState::Working | PageState::Several | PageState::Failing => {}
    }
    Ok(())
}

async fn until_disabled(stage: &Stage) -> Result<(), String> {
    let (workspace, mut minute) = (WorkspaceId::parse(WORKSPACE)?, stage.next_minute());
    for _ in 0..UNTIL_DISABLED {
        let read = stage.world.table.read_webhook(&workspace, &WebhookId::first()).await;
        let read = read.map_err(|error| error.to_string())?;
        if read.is_some_and(|webhook| matches!(webhook.health.state, State::Disabled { .. })) {
            return Ok(());
        }
        stage.clock.run_to(minute).await;
        stage.tick().await?;
        minute = minute.plus(MINUTE);
    }
    Err("the webhook is not disabled after a day".to_owned())
}

/// Of the workspace's first webhook, as its owner makes it.
async fn change(stage: &Stage, wanted: &Change) -> Result<(), String> {
    let (table, workspace) = (&stage.world.table, WorkspaceId::parse(WORKSPACE)?);
    let changed = owner::change(table, &stage.clock, &workspace, &WebhookId::first(), wanted).await;
    let changed = changed.map_err(|error| error.to_string())?;
    changed.map(drop).map_err(|refusal| refusal.words().to_owned())
}

/// For machines to read. Each link opens the page once; with the admin key more are made.
async fn places(Opened { stage, settings, receives_at, .. }: &Opened) -> Result<String, String> {
    let settings = settings.as_ref().ok_or("a page that ends at once shows nobody anything")?;
    let root = secrets::Root.read_root_secret().await.map_err(|error| error.to_string())?;
    let places = json!({
        "workspace": WORKSPACE,
        "settings": settings.origin(),
        "link": settings.link(Grant::Full).await?.0,
        "read_only_link": settings.link(Grant::ReadOnly).await?.0,
        "admin_key": root.admin_key(),
        "messages": stage.upstream.url(Kind::Native),
        "ingest_key": stage.upstream.key(),
        "receiver": format!("http://{receives_at}/"),
    });
    Ok(places.to_string())
}

/// As the clock goes, and at once after whatever somebody has done. Nothing hurries: what gathers goes on gathering.
async fn attend(stage: &Stage) -> Result<(), String> {
    let mut minute = stage.next_minute();
    loop {
        tokio::select! {
            () = stage.clock.run_to(minute) => minute = minute.plus(MINUTE),
            () = stage.world.called.notified() => {}
        }
        stage.tick().await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::{Command, parse};

    /// What there is of the workspace's first webhook when a page is shown in this state.
    async fn shown(page: &str) -> (Opened, Option<bundler::settings::Webhook>) {
        let Ok(Command::Run(arguments)) = parse(["--page", page, "--settings-port", "0"].map(Into::into)) else {
            panic!("the arguments are right")
        };
        let clock = Clock::new(sample::start(&sample::conversation(None, Kind::Native).expect("the sample")), FAST);
        let opened = open(&arguments, Stores::default(), clock, Screen::silent(), &sample_files::library())
            .await
            .expect("a world");
        prepare(&opened, arguments.page.expect("a state")).await.expect("the state");
        let workspace = WorkspaceId::parse(WORKSPACE).expect("an id");
        let read = opened.stage.world.table.read_webhook(&workspace, &WebhookId::first()).await.expect("read");
        (opened, read)
    }

    #[tokio::test]
    async fn each_state_is_what_it_is_called() {
        for page in PageState::ALL {
            let (opened, webhook) = shown(page.name()).await;
            let Some(webhook) = webhook else {
                assert_eq!(page, PageState::Empty);
                continue;
            };
            let is_off = webhook.settings.switch == Switch::Off;
            assert_eq!(is_off, page == PageState::Off, "{page:?}");
            let state = match webhook.health.state {
                State::Healthy if webhook.settings.others.is_empty() && !is_off => PageState::Working,
                State::Healthy if is_off => PageState::Off,
                State::Healthy => PageState::Several,
                State::Failing { .. } => PageState::Failing,
                State::Draining { .. } => panic!("{page:?}: draining"),
                State::Disabled { .. } => PageState::Disabled,
            };
            assert_eq!(state, page);
            assert!(opened.stage.receiver.webhooks().len() > 10, "{page:?}");
            let places = places(&opened).await.expect("places");
            let places: serde_json::Value = serde_json::from_str(&places).expect("JSON");
            for name in ["link", "read_only_link"] {
                let link = places[name].as_str().expect("a link");
                assert!(link.starts_with(places["settings"].as_str().expect("an origin")), "{link}");
            }
        }
    }
}
