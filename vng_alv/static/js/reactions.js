// Reactions: what is typed is saved as a draft by itself, shown as it will look, and copied when it came too late.
// The server keeps it: a computer that others use as well does not. Texts come from data attributes.
(() => {
  "use strict";

  for (const box of document.querySelectorAll("[data-copy]")) {
    const area = document.getElementById(box.dataset.copy);
    const note = box.querySelector("[role=status]");
    box.hidden = false;
    box.querySelector("button").addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(area.value);
        note.textContent = box.dataset.done;
      } catch {
        area.select();
        note.textContent = box.dataset.failed;
      }
    });
  }

  const form = document.querySelector("form[data-drafts]");
  if (!form) return;
  const words = form.dataset;
  const field = (name, key) => form.elements[`${name}-${key}`];
  const parts = (key) => ["body", "position", "revision", "seen"].map((name) => [`${name}-${key}`, field(name, key).value]);

  async function ask(key, save) {
    const data = new URLSearchParams([["csrf_token", form.elements.csrf_token.value], ["save", save], ...parts(key)]);
    return fetch(form.action, {
      method: "POST",
      body: data,
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout?.(15000),
    });
  }

  // Saving while somebody types: a while after the last key, one section after another.
  const PAUSE = 2500;
  const AGAIN = 8000;
  const waiting = new Map();
  let busy = false;
  let timer = 0;
  let leaving = false;

  const tell = (key, text, bad) => {
    const note = form.querySelector(`[data-saved="${CSS.escape(key)}"]`);
    note.classList.toggle("alv-notsaved", Boolean(bad));
    if (note.textContent !== text) note.textContent = text;
  };
  const clock = (at) =>
    new Date(at).toLocaleTimeString(document.documentElement.lang || "nl", {
      hour: "2-digit", minute: "2-digit", timeZone: "Europe/Amsterdam",
    });

  // What a colleague added comes into the field without moving the cursor.
  function bring(area, text) {
    const old = area.value;
    let start = 0;
    while (start < old.length && old[start] === text[start]) start++;
    let end = 0;
    while (end < Math.min(old.length, text.length) - start && old.at(-1 - end) === text.at(-1 - end)) end++;
    area.setRangeText(text.slice(start, text.length - end), start, old.length - end, "preserve");
  }

  async function save() {
    if (busy || leaving || !waiting.size) return;
    const [key] = waiting.keys();
    const area = field("body", key);
    const typed = area.value;
    const stand = field("position", key).value;
    waiting.delete(key);
    busy = true;
    let after = PAUSE;
    try {
      const answer = await ask(key, key);
      if (answer.status === 401 || answer.status === 403) {
        tell(key, words.over, true);
      } else if (answer.ok || answer.status === 409) {
        const said = await answer.json();
        const done = said.saved[key];
        if (said.problems[key]) tell(key, words.refused.replace("{why}", said.problems[key]), true);
        else tell(key, words.saved.replace("{time}", clock(said.at)));
        const same = area.value === typed && field("position", key).value === stand;
        if (done && (same || done.merged === null)) {
          if (done.merged !== null) bring(area, done.merged);
          field("revision", key).value = done.revision;
          field("seen", key).value = done.seen;
        }
        if (!waiting.size && same && !said.problems[key]) form.dispatchEvent(new CustomEvent("alv:saved", { bubbles: true }));
      } else throw new Error(`${answer.status}`);
    } catch {
      waiting.set(key, true);
      tell(key, words.offline, true);
      after = AGAIN;
    }
    busy = false;
    if (waiting.size) later(after);
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  }

  function noted({ target }) {
    const key = /^(?:body|position)-(.+)$/.exec(target.name || "")?.[1];
    if (!key) return;
    waiting.set(key, true);
    later(PAUSE);
  }
  form.addEventListener("input", noted);
  form.addEventListener("change", noted);
  form.addEventListener("submit", () => {
    leaving = true;
    setTimeout(() => (leaving = false), 8000);
  });
  addEventListener("online", () => later(0));

  // How it will look, made by the server as it will be.
  for (const button of form.querySelectorAll("[data-preview-of]")) {
    const key = button.dataset.previewOf;
    const box = form.querySelector(`[data-preview="${CSS.escape(key)}"]`);
    button.addEventListener("click", async (event) => {
      event.preventDefault();
      try {
        const answer = await ask(key, button.value);
        if (!answer.ok) throw new Error(`${answer.status}`);
        box.querySelector("[data-preview-words]").innerHTML = (await answer.json()).html;
        box.hidden = false;
      } catch {
        tell(key, words.offline, true);
      }
    });
  }
})();
