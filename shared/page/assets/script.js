// What a page can do without, done where there is a script: copying, asking before what cannot be undone, and the
// reader's own time beside the webhook's. It fetches nothing and writes no markup.
"use strict";

for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const words = button.querySelector("span");
  if (!source || !words || !navigator.clipboard) continue;
  const before = words.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      words.textContent = "Copied";
    } catch {
      words.textContent = "Not copied: please mark and copy it";
    }
    setTimeout(() => { words.textContent = before; }, 2000);
  });
}

for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => {
    const only = form.dataset.confirmIf;
    const asks = !only || [...new FormData(form).values()].includes(only);
    if (asks && !window.confirm(form.dataset.confirm)) event.preventDefault();
  });
}

// A double click sends a form once.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 1000);
  });
}

for (const time of document.querySelectorAll("time[datetime]")) {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) continue;
  const own = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
  time.title = `${time.title}\nYour clock: ${own}`;
}
