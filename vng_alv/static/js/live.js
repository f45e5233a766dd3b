// Keeps turnout up to date and tells when a round changes state.
// <div data-live="CODE" data-stream="URL" data-poll="URL" data-changed="text" data-show="text">, with
//   data-new: a round that opens and is not on the page is news; data-swap: take the new text in place;
//   data-href: where the notice leads. Inside: [data-round][data-state] with the [data-turnout-…] parts.
(() => {
  "use strict";
  const root = document.querySelector("[data-live]");
  if (!root) return;

  const format = new Intl.NumberFormat(document.documentElement.lang || "nl");
  const known = new Map();
  let source = null;
  let seen = -1;
  let [timer, retry, moved] = [0, 0, false];

  function learn() {
    known.clear();
    for (const element of root.querySelectorAll("[data-round]")) known.set(element.dataset.round, element.dataset.state);
  }

  const text = (element, value) => {
    if (element && element.textContent !== value) element.textContent = value;
  };

  function show(round) {
    const element = root.querySelector(`[data-round="${CSS.escape(String(round.number))}"]`) ?? document.createElement("i");
    text(element.querySelector("[data-turnout-members]"), format.format(round.members));
    text(element.querySelector("[data-turnout-weight]"), format.format(round.weight));
    const share = round.weight_total ? (100 * round.weight) / round.weight_total : 0;
    element.querySelector("[data-turnout-bar]")?.setAttribute("width", `${share.toFixed(2)}%`);
  }

  function notice() {
    const region = document.getElementById("meldingen");
    if (!region || region.querySelector("[data-live-notice]")) return;
    const line = document.createElement("p");
    line.className = "alv-notice";
    line.dataset.liveNotice = "";
    const link = document.createElement("a");
    link.className = "utrecht-link utrecht-link--html-a";
    link.href = root.dataset.href || location.pathname + location.search;
    link.textContent = root.dataset.show;
    line.append(root.dataset.changed, " ", link);
    region.append(line);
  }

  // A page without a form takes the new text in place; the reader's place and focus stay.
  async function swap() {
    await new Promise((done) => setTimeout(done, Math.random() * 300));
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = fresh.querySelector("main [data-live], main [data-fragment]");
      const head = fresh.querySelector("main .alv-head");
      if (!answer.ok || !next || root.contains(document.activeElement)) return notice();
      if (head) document.querySelector("main .alv-head")?.replaceWith(head);
      document.title = fresh.title;
      root.replaceChildren(...next.childNodes);
      for (const name of ["data-live", "data-fragment"]) if (!next.hasAttribute(name)) root.removeAttribute(name);
      document.dispatchEvent(new CustomEvent("alv:swapped"));
      text(document.getElementById("meldingen"), root.dataset.changed || "");
      learn();
      moved = false;
      if (!next.hasAttribute("data-live")) stop();
    } catch {
      notice();
    }
  }

  function take(message) {
    if (!message?.rounds || message.seq < seen) return;
    seen = message.seq ?? seen;
    let changed = false;
    for (const round of message.rounds) {
      const key = String(round.number);
      const news = known.has(key) ? known.get(key) !== round.state : "new" in root.dataset && round.state === "open";
      if (news) known.set(key, round.state);
      changed ||= news;
      show(round);
    }
    if (!changed || moved) return;
    moved = true;
    return "swap" in root.dataset && !root.querySelector("form") ? swap() : notice();
  }

  async function poll() {
    try {
      const answer = await fetch(root.dataset.poll, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (answer.ok) take(await answer.json());
    } catch {
      // The next turn tries again.
    }
    if (source?.readyState !== 1) timer = setTimeout(poll, 3000 + Math.random() * 2000);
  }

  function stop() {
    source?.close();
    clearTimeout(timer);
    clearTimeout(retry);
  }

  function listen() {
    if (!root.dataset.stream || !window.EventSource) return poll();
    source = new EventSource(root.dataset.stream);
    source.onmessage = (event) => {
      clearTimeout(timer);
      timer = 0;
      take(JSON.parse(event.data));
    };
    source.onerror = () => {
      if (!timer) timer = setTimeout(poll, Math.random() * 2000);
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(listen, 15000 + Math.random() * 15000);
    };
  }

  learn();
  listen();
  addEventListener("pagehide", stop);
})();
