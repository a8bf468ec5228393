//! The mail service: `SendEmail` of SES's second API, because it takes headers of our own without a MIME document.

use crate::signed::{self, Post};
use aws_smithy_async::{future::timeout::Timeout, rt::sleep::AsyncSleep};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{HttpConnector, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
    },
};
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use bundler::{
    limits,
    mail::{Addressee, Mail, MailOutcome},
    ports::{Answer, PortError, SendMail},
};
use serde_json::json;

/// Sends its requests by itself, each once, because nothing may send a mail again that may have been sent.
pub struct Mailer {
    config: SdkConfig,
    connector: SharedHttpConnector,
    /// None where this deployment sends no mails.
    from: Option<String>,
    configuration_set: String,
}

/// The tags of a mail that name its webhook in what SES says of it later. SES allows letters, digits, `_` and `-`, up to
/// 256 of them, in names and values: what ids are made of.
pub(crate) const WORKSPACE_TAG: &str = "workspace";
pub(crate) const WEBHOOK_TAG: &str = "webhook";

const DOING: &str = "sending a mail";

/// What SES says of an address or a mail that it will never take. All else is ours to mend and to try again: too many
/// requests, an account that may not send, a sender or its domain that is not set up, a missing permission.
const REFUSALS: [&str; 2] = ["MessageRejected", "BadRequestException"];

impl Mailer {
    /// Sends from the address `sender`, which shows as the platform's; nothing at all if it is empty. What becomes of the
    /// mails is told by the events of the configuration set.
    pub fn new(
        config: &SdkConfig,
        connector: SharedHttpConnector,
        sender: &str,
        platform: &str,
        configuration_set: String,
    ) -> Self {
        let from = (!sender.is_empty()).then(|| from(sender, platform));
        Self { config: config.clone(), connector, from, configuration_set }
    }

    pub fn is_off(&self) -> bool {
        self.from.is_none()
    }

    /// The answer to one request, or how it broke off, in a word: an error's own may hold what was sent.
    async fn post(&self, body: String) -> Result<HttpResponse, &'static str> {
        let post = Post {
            host: "email",
            service: "ses",
            path: "/v2/email/outbound-emails",
            content_type: "application/json",
            header: None,
            body,
        };
        let request = self.signed(post).await.map_err(|_| "request could not be signed")?;
        let sleep = self.config.sleep_impl().ok_or("nothing can wait")?;
        let answer = Timeout::new(self.connector.call(request), sleep.sleep(limits::MAIL)).await;
        answer.map_err(|_| "timed out")?.map_err(|_| "no answer")
    }

    async fn signed(&self, post: Post<'_>) -> Result<HttpRequest, BoxError> {
        Ok(HttpRequest::try_from(post.signed(&self.config).await?.map(SdkBody::from))?)
    }
}

/// `"TimelinesAI" <webhooks@example.org>`. A name that would have to be encoded is left out.
fn from(sender: &str, platform: &str) -> String {
    let is_plain = platform.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'));
    if is_plain { format!("\"{platform}\" <{sender}>") } else { sender.to_owned() }
}

impl SendMail for Mailer {
    async fn send(&self, to: &Addressee<'_>, mail: &Mail) -> Answer<MailOutcome> {
        let Some(from) = &self.from else { return Ok(MailOutcome::Off) };
        let text = |data: &str| json!({ "Data": data, "Charset": "UTF-8" });
        let tag = |name: &str, value: &str| json!({ "Name": name, "Value": value });
        // SES's API reference, version 2, "SendEmail". The header keeps automatic answers away (RFC 3834).
        let body = json!({
            "FromEmailAddress": from,
            "Destination": { "ToAddresses": [to.address] },
            "ConfigurationSetName": self.configuration_set,
            "EmailTags": [tag(WORKSPACE_TAG, to.workspace.as_str()), tag(WEBHOOK_TAG, to.webhook.as_str())],
            "Content": { "Simple": {
                "Subject": text(&mail.subject),
                "Body": { "Text": text(&mail.text), "Html": text(&mail.html) },
                "Headers": [{ "Name": "Auto-Submitted", "Value": "auto-generated" }],
            } },
        });
        let failed = |code: String| PortError { doing: DOING, code };
        let answer = self.post(body.to_string()).await.map_err(|code| failed(code.to_owned()))?;
        if answer.status().as_u16() == 200 {
            return Ok(MailOutcome::Accepted);
        }
        let code = signed::code(&answer);
        let is_refused = answer.status().is_client_error() && REFUSALS.contains(&code.as_str());
        if is_refused { Ok(MailOutcome::Refused { code }) } else { Err(failed(code)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{Said, Service, header};
    use bundler::id::{WebhookId, WorkspaceId};
    use serde_json::Value;

    const TO: &str = "owner@acme.example";

    /// What the mailer says, and what it sent, when the service answers so.
    fn send(
        sender: &str,
        platform: &str,
        status: u16,
        error: &'static str,
    ) -> (Answer<MailOutcome>, Vec<http::Request<SdkBody>>) {
        // The message repeats the address, as SES's do.
        let body = format!("{{\"message\":\"{TO} is not verified\"}}");
        let service = Service::new([match (status, error) {
            (0, "") => Said::Nothing,
            (0, _) => Said::Broken,
            (_, _) => Said::Answer(status, error, body),
        }]);
        let mailer = Mailer::new(&service.config(), service.connector(), sender, platform, "Set".to_owned());
        let workspace = WorkspaceId::parse("acme").expect("a workspace");
        let to = Addressee { address: TO, workspace: &workspace, webhook: &WebhookId::first() };
        let mail = Mail {
            subject: "Grüße".to_owned(),
            text: "A \"text\"\nof two lines\n".to_owned(),
            html: "<p>A page</p>".to_owned(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        // Longer than any request may take: without this one that never ends would hold up the test and not fail it.
        let bounded = async { tokio::time::timeout(2 * limits::MAIL, mailer.send(&to, &mail)).await.expect("an end") };
        let said = runtime.expect("a runtime").block_on(bounded);
        let requests = service.requests();
        (said, requests)
    }

    #[test]
    fn a_mail_is_one_signed_request_of_sess_second_api() {
        let (said, requests) = send("webhooks@example.org", "TimelinesAI", 200, "");
        assert_eq!(said, Ok(MailOutcome::Accepted));
        let [request] = requests.as_slice() else { panic!("{} requests", requests.len()) };
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri(), "https://email.eu-central-1.amazonaws.com/v2/email/outbound-emails");
        let header = |name| header(request, name);
        assert_eq!(header("content-type"), "application/json");
        assert_eq!(header("x-amz-security-token"), "token");
        let authorization = header("authorization");
        assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{authorization}");
        assert!(authorization.contains("/eu-central-1/ses/aws4_request, SignedHeaders=content-type;host;x-amz-date;"));
        let body: Value = serde_json::from_slice(request.body().bytes().expect("a body")).expect("JSON");
        let expected = json!({
            "FromEmailAddress": "\"TimelinesAI\" <webhooks@example.org>",
            "Destination": { "ToAddresses": ["owner@acme.example"] },
            "ConfigurationSetName": "Set",
            "EmailTags": [{ "Name": "workspace", "Value": "acme" }, { "Name": "webhook", "Value": "default" }],
            "Content": { "Simple": {
                "Subject": { "Data": "Grüße", "Charset": "UTF-8" },
                "Body": {
                    "Text": { "Data": "A \"text\"\nof two lines\n", "Charset": "UTF-8" },
                    "Html": { "Data": "<p>A page</p>", "Charset": "UTF-8" },
                },
                "Headers": [{ "Name": "Auto-Submitted", "Value": "auto-generated" }],
            } },
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn what_is_wrong_with_the_address_is_an_outcome_and_what_is_wrong_with_us_an_error() {
        for (status, error, code) in [
            (400, "MessageRejected", "MessageRejected"),
            (400, "BadRequestException:http://internal.amazon.com/coral/", "BadRequestException"),
            (400, "com.amazonaws.sesv2#MessageRejected", "MessageRejected"),
        ] {
            let (said, requests) = send("webhooks@example.org", "TimelinesAI", status, error);
            assert_eq!(said, Ok(MailOutcome::Refused { code: code.to_owned() }), "{error}");
            assert_eq!(requests.len(), 1, "{error}");
        }
        for (status, error, code) in [
            (429, "TooManyRequestsException", "TooManyRequestsException"),
            (400, "LimitExceededException", "LimitExceededException"),
            (400, "MailFromDomainNotVerifiedException", "MailFromDomainNotVerifiedException"),
            (400, "SendingPausedException", "SendingPausedException"),
            (400, "AccountSuspendedException", "AccountSuspendedException"),
            (403, "AccessDeniedException", "AccessDeniedException"),
            (500, "MessageRejected", "MessageRejected"),
            (503, "", "status 503"),
            (400, "", "status 400"),
            (202, "", "status 202"),
            (0, "", "timed out"),
            (0, "reset", "no answer"),
        ] {
            let (said, requests) = send("webhooks@example.org", "TimelinesAI", status, error);
            assert_eq!(said, Err(PortError { doing: DOING, code: code.to_owned() }), "{error}");
            assert_eq!(requests.len(), 1, "a mail that may have been sent is not sent again: {error}");
        }
    }

    #[test]
    fn every_id_is_a_tag_as_it_is() {
        let is_of_a_tag = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-');
        for char in (0..=0xff_u8).map(char::from) {
            let is_of_an_id =
                WorkspaceId::parse(&char.to_string()).is_ok() || WebhookId::parse(&char.to_string()).is_ok();
            assert!(!is_of_an_id || is_of_a_tag(char), "{char:?}");
        }
        assert!(limits::WORKSPACE_ID_CHARS.max(limits::WEBHOOK_ID_CHARS) <= 256);
    }

    #[test]
    fn without_a_sender_nothing_is_sent() {
        let (said, requests) = send("", "TimelinesAI", 200, "");
        assert_eq!((said, requests.len()), (Ok(MailOutcome::Off), 0));
    }

    #[test]
    fn a_platforms_name_that_would_have_to_be_encoded_is_left_out_of_the_sender() {
        for name in ["Zeitlinien Köln", "A\" <b@evil.example>, \"", "back\\slash", "a\r\nBcc: b@evil.example"] {
            assert_eq!(from("webhooks@example.org", name), "webhooks@example.org", "{name:?}");
        }
    }
}
