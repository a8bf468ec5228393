//! The terminal: what is shown once, and below it one line of progress that is written over. Where the output is no
//! terminal, no line is written over and nothing has colours. What is shown must have been made neutral before.

use std::{
    env,
    io::{self, IsTerminal, Write},
    process,
    sync::{Arc, Mutex, PoisonError},
};

/// Columns that are written to; the 80th makes some terminals begin a new line.
pub(crate) const COLUMNS: usize = 79;

/// Clones are the same screen.
#[derive(Clone)]
pub(crate) struct Screen {
    paint: Paint,
    live: Live,
    output: Output,
    /// What the line of progress says, if there is one.
    progress: Arc<Mutex<String>>,
}

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Colours,
}

/// Whether a line can be written over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Live {
    No,
    Yes,
}

/// Where it all goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Output {
    Standard,
    Nowhere,
}

impl Screen {
    /// Shows nothing.
    pub(crate) fn silent() -> Self {
        Self { paint: Paint::Plain, live: Live::No, output: Output::Nowhere, progress: Arc::default() }
    }

    /// Standard output as it is. `NO_COLOR` that is set and not empty means no colours, as <https://no-color.org> says.
    pub(crate) fn new() -> Self {
        let terminal = io::stdout().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb");
        let coloured = terminal && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            paint: if coloured { Paint::Colours } else { Paint::Plain },
            live: if terminal { Live::Yes } else { Live::No },
            output: Output::Standard,
            progress: Arc::default(),
        }
    }

    pub(crate) fn paint(&self) -> Paint {
        self.paint
    }

    pub(crate) fn live(&self) -> Live {
        self.live
    }

    /// Shows whole lines, the last one without its line break; the line of progress moves below them.
    pub(crate) fn show(&self, lines: &str) {
        let progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let clear = if progress.is_empty() { "" } else { "\r\u{1b}[K" };
        self.write(&format!("{clear}{lines}\n{progress}"));
    }

    /// Says how far things are, in a line that the next one replaces; an empty one only removes it.
    pub(crate) fn set_progress(&self, line: &str) {
        match self.live {
            Live::No => {}
            Live::Yes => {
                let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
                self.write(&format!("\r\u{1b}[K{line}"));
                line.clone_into(&mut progress);
            }
        }
    }

    /// When nobody reads any more, there is nothing left to do here: everything that was accepted is stored already.
    fn write(&self, text: &str) {
        match self.output {
            Output::Nowhere => {}
            Output::Standard => {
                let mut output = io::stdout().lock();
                if output.write_all(text.as_bytes()).and_then(|()| output.flush()).is_err() {
                    process::exit(1);
                }
            }
        }
    }
}

impl Paint {
    pub(crate) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(crate) fn faint(self, text: &str) -> String {
        self.with("2", text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.with("1;31", text)
    }

    pub(crate) fn received(self, text: &str) -> String {
        self.with("36", text)
    }

    pub(crate) fn sent(self, text: &str) -> String {
        self.with("35", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colours => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }
}
