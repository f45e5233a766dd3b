// Small helps for forms, tables and clocks. Every page works without them; texts come from data attributes.
(() => {
  "use strict";

  // A text that was typed and not sent is not lost by accident.
  const dirty = new Set();
  addEventListener("input", ({ target }) => {
    if (target.matches?.("textarea:not([readonly])")) dirty.add(target.form || target);
  });
  addEventListener("alv:saved", ({ target }) => dirty.delete(target));
  addEventListener("beforeunload", (event) => {
    if (dirty.size) event.preventDefault();
  });

  // One press, one request; the button comes back if the answer stays away.
  const busy = (form, on) => {
    for (const button of form.querySelectorAll("button[type=submit]")) {
      if (on) button.setAttribute("aria-busy", "true");
      else button.removeAttribute("aria-busy");
    }
  };
  addEventListener("submit", (event) => {
    const form = event.target;
    dirty.delete(form);
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.querySelector("button[aria-busy]")) return event.preventDefault();
    // A browser too old for this sends the form itself; it might not tell which button was pressed either.
    if ("cast" in form.dataset && AbortSignal.timeout && !event.submitter?.name) return cast(event, form);
    setTimeout(() => busy(form, true));
    setTimeout(() => busy(form, false), 8000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => busy(form, false)));

  // Casting: recorded, not recorded, or "unknown, press again" with the same key.
  async function cast(event, form) {
    event.preventDefault();
    const note = form.querySelector("[data-cast-note]");
    const tell = (message, kind) => {
      const box = document.createElement("div");
      box.className = `utrecht-alert utrecht-alert--${kind}`;
      box.append(message);
      note.replaceChildren(box);
    };
    busy(form, true);
    tell(form.dataset.sending, "info");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: "text/html" },
        signal: AbortSignal.timeout(10000),
      });
      if (answer.redirected) return location.assign(answer.url);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = page.querySelector("main");
      if (answer.status >= 500 || !main) throw new Error("no answer to show");
      document.title = page.title;
      document.querySelector("main").replaceWith(main);
      main.focus();
    } catch {
      tell(form.dataset.unknown, "warning");
      busy(form, false);
    }
  }

  // Tables: sort by a press on the head, search by a word.
  const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  function enhance(table) {
    if (table.dataset.ready) return;
    table.dataset.ready = "1";
    const body = table.tBodies[0];
    const order = new Intl.Collator(document.documentElement.lang || "nl", { numeric: true });
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...body.rows].sort((a, b) => order.compare(value(a, column), value(b, column)));
        body.append(...(down ? rows.reverse() : rows));
      });
    });
    const search = document.querySelector(`[data-search-for="${CSS.escape(table.id)}"]`);
    if (!search) return;
    search.hidden = false;
    const status = search.querySelector("[role=status]");
    search.querySelector("input").addEventListener("input", ({ target }) => {
      const words = target.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const row of body.rows) {
        const line = row.textContent.toLocaleLowerCase();
        row.hidden = !words.every((word) => line.includes(word));
        if (!row.hidden) count += 1;
      }
      status.textContent = !words.length ? "" : count ? search.dataset.found.replace("{n}", count) : search.dataset.none;
    });
  }

  // Clocks run on the server's time, not the visitor's.
  const offset = document.body.dataset.now ? Date.parse(document.body.dataset.now) - Date.now() : 0;
  function tick() {
    for (const clock of document.querySelectorAll("time[data-countdown]")) {
      const left = Math.floor((Date.parse(clock.dateTime) - Date.now() - offset) / 1000);
      const [texts, count] =
        left >= 172800 ? [clock.dataset.days, left / 86400] : left >= 7200 ? [clock.dataset.hours, left / 3600] : [clock.dataset.minutes, left / 60];
      const number = Math.floor(count);
      const words = texts.split("|")[number === 1 ? 0 : 1].replace("{n}", number);
      const line = left <= 0 ? clock.dataset.over : left < 60 ? clock.dataset.soon : words;
      if (clock.textContent !== line) clock.textContent = line;
    }
  }

  const start = () => document.querySelectorAll("table[data-sortable]").forEach(enhance);
  start();
  document.addEventListener("alv:swapped", start);
  document.querySelector("[data-focus]")?.focus();
  if (document.querySelector("time[data-countdown]")) {
    tick();
    setInterval(tick, 1000);
  }
})();
