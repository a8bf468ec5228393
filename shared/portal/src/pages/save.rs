//! The settings' form is sent: all of it is saved, or nothing. Who was slower than somebody else sees what the other has
//! saved, and nothing of what he has typed is lost.

use super::{
    act::after,
    seen,
    typed::{self, Typed},
    webhook::{self, Told},
};
use crate::{
    Ports,
    change::refused,
    door::Visit,
    reply::Outcome,
    wanted::{self, Need},
};
use bundler::{
    limits,
    owner::{self, Refusal},
    ports::{Clock, PortError},
    settings::Webhook,
};
use page::Said;

/// `POST …/save`.
pub(super) async fn save<P: Ports>(visit: Visit<P>) -> Outcome {
    let typed = Typed::of(&visit.body);
    let ports = visit.ports();
    for _ in 0..limits::HEALTH_TRIES {
        let seen = seen::webhook(&visit).await?;
        let (saved, mut form) = (&seen.webhook.settings, typed.form(&seen.webhook.settings));
        if typed.text("revision") != typed::revision(saved) {
            let differences = form.differences(&typed::form(saved));
            return webhook::page(
                &visit,
                seen,
                Told { status: 409, form: Some(form), ..Said::Conflict(differences).into() },
            )
            .await;
        }
        let wanted = match wanted::read(&typed.patch(), saved, Need::Nothing, |url| ports.check_url(url)) {
            Ok(wanted) => wanted,
            Err(refused) => {
                form.errors = typed::errors(refused)?;
                return webhook::page(&visit, seen, Told { status: 422, form: Some(form), ..Said::Refused.into() })
                    .await;
            }
        };
        let (read, changes) = (seen.webhook.clone(), wanted.into_changes());
        match owner::change_as_read(ports.table(), ports.clock(), &visit.workspace, &seen.id, read, &changes).await? {
            Ok(changed) => {
                let now = ports.clock().now();
                let begins =
                    changed.settings.schedule.begins_after(now).filter(|_| is_scheduled(&seen.webhook, &changed));
                let saved = after(&changed);
                return webhook::page(&visit, seen.now(saved), Said::Saved { begins }.into()).await;
            }
            Err(Refusal::AsItWas) => return webhook::page(&visit, seen, Said::NothingChanged.into()).await,
            // An error was counted meanwhile, or somebody else has saved: it is looked at again.
            Err(Refusal::Outdated) => {}
            Err(refusal) => return Err(refused(refusal)),
        }
    }
    Err(PortError { doing: "saving the settings", code: "others were always faster".to_owned() }.into())
}

/// Whether the change is one of window or clock.
fn is_scheduled(before: &Webhook, changed: &owner::Changed) -> bool {
    before.settings.schedule != changed.settings.schedule
}
