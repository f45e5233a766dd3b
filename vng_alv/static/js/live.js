// Keeps turnout up to date and tells when a round changes state.
// <div data-live="CODE" data-stream="URL" data-poll="URL" data-changed="text" data-show="text">, with
//   data-new: a round that opens and is not on the page is news; data-swap: take the new text in place;
//   data-href: where the notice leads, if data-show says so; data-of: "rehearsals" or "all" (otherwise votes only, and no rehearsals);
//   data-picture: where the new text comes from that is swapped in, again and again until it does; data-beside: ask
//   beside a stream that is open, too; data-follows: a script of its own shows what changed (alv:standing).
//   data-extended: what is said when a vote closes later. Inside: [data-round][data-state][data-closes] with the
//   [data-turnout-…] parts.
(() => {
  "use strict";
  const root = document.querySelector("[data-live]");
  if (!root) return;

  const region = document.getElementById("meldingen");
  // Where lines hang at the foot of the screen, one above the other.
  const lines = region?.querySelector("[data-lines]") ?? region;
  const format = new Intl.NumberFormat(document.documentElement.lang || "nl");
  const known = new Map();
  const closing = new Map();
  const moving = new Set(["open", "closed", "counted"]);
  let source = null;
  let [timer, retry] = [0, 0];
  // Whether something runs in this meeting, whether the new text is being fetched, and what was heard meanwhile.
  let [running, moved, late, saying] = [true, false, null, 0];
  const beside = "beside" in root.dataset;
  const offset = document.body.dataset.now ? Date.parse(document.body.dataset.now) - Date.now() : 0;
  // How often in a row nobody answered, and when something was heard last.
  let [failed, heard] = [0, Date.now()];

  function learn() {
    known.clear();
    closing.clear();
    for (const { dataset } of root.querySelectorAll("[data-round]")) {
      known.set(dataset.round, dataset.state);
      if ("closes" in dataset) closing.set(dataset.round, dataset.closes);
    }
  }

  const rounds = (message) => {
    const { of } = root.dataset;
    return [...(of === "rehearsals" ? [] : message.rounds), ...(of ? message.rehearsals : [])];
  };

  // A vote closes later than was announced: the clocks on the page follow, and it is said.
  function extended(round) {
    const [key, until] = [String(round.number), round.closes_at];
    if (!until || !closing.has(key) || closing.get(key) === until || round.state !== "open") return;
    for (const clock of root.querySelectorAll(`time[datetime="${CSS.escape(closing.get(key))}"]`)) clock.dateTime = until;
    closing.set(key, until);
    const moment = new Intl.DateTimeFormat(document.documentElement.lang || "nl", { dateStyle: "full", timeStyle: "short", timeZone: "Europe/Amsterdam" });
    text(lines?.querySelector("[data-live-later]") ?? hang("liveLater"), (root.dataset.extended || "").replace("{moment}", moment.format(new Date(until))));
  }

  function hang(name) {
    const line = document.createElement("p");
    line.className = "alv-notice";
    line.dataset[name] = "";
    lines?.append(line);
    return line;
  }

  // Twice nobody answered: what the page shows may be old, and it says so until it hears something.
  function missed() {
    failed += 1;
    if (failed < 2 || !lines?.dataset.lost || lines.querySelector("[data-live-lost]")) return;
    const clock = new Intl.DateTimeFormat(document.documentElement.lang || "nl", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Amsterdam" });
    text(hang("liveLost"), lines.dataset.lost.replace("{time}", clock.format(heard + offset)));
  }

  function hears() {
    [failed, heard] = [0, Date.now()];
    lines?.querySelector("[data-live-lost]")?.remove();
    tell("alv:heard");
  }

  const get = (url, type, cache) =>
    fetch(url, { headers: { Accept: type }, cache, signal: AbortSignal.timeout?.(10000) });

  const text = (element, value) => {
    if (element && element.textContent !== value) element.textContent = value;
  };

  function show(round) {
    const element = root.querySelector(`[data-round="${CSS.escape(String(round.number))}"]`) ?? document.createElement("i");
    if (!("members" in round)) return; // by acclamation: nothing is counted
    text(element.querySelector("[data-turnout-members]"), format.format(round.members));
    text(element.querySelector("[data-turnout-weight]"), format.format(round.weight));
    const share = round.weight_total ? (100 * round.weight) / round.weight_total : 0;
    element.querySelector("[data-turnout-bar]")?.setAttribute("width", `${share.toFixed(2)}%`);
    element.querySelector("[data-turnout-ring]")?.setAttribute("stroke-dasharray", `${share.toFixed(2)} 100`);
    text(element.querySelector("[data-turnout-share]"), String(Math.floor(share)));
  }

  function notice(changed = root.dataset.changed, show = root.dataset.show, href = root.dataset.href) {
    if (!lines || lines.querySelector("[data-live-notice]")) return;
    const line = hang("liveNotice");
    line.append(changed);
    if (!show) return;
    const link = document.createElement("a");
    link.className = "utrecht-link utrecht-link--html-a";
    link.href = href || location.pathname + location.search;
    link.textContent = show;
    line.append(" ", link);
  }

  // The session was ended, here or elsewhere. What was typed stays on the page.
  function over() {
    stop();
    lines?.querySelector("[data-live-notice]")?.remove();
    notice(region?.dataset.over, region?.dataset.again, region?.dataset.href);
  }

  // A page without a form takes the new text in place; the reader's place and focus stay.
  async function swap() {
    await new Promise((done) => setTimeout(done, Math.random() * 300));
    try {
      const answer = await get(root.dataset.picture || location.href, "text/html", root.dataset.picture ? "no-cache" : "no-store");
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = fresh.querySelector("main [data-live], main [data-fragment]");
      const head = fresh.querySelector("main .alv-head");
      if ((!answer.ok || !next) && root.dataset.picture) throw new Error("no picture yet");
      if (!answer.ok || !next || root.contains(document.activeElement)) return notice();
      if (head) document.querySelector("main .alv-head")?.replaceWith(head);
      document.title = fresh.title;
      root.replaceChildren(...next.childNodes);
      for (const name of ["data-live", "data-fragment"]) if (!next.hasAttribute(name)) root.removeAttribute(name);
      document.dispatchEvent(new CustomEvent("alv:swapped"));
      region?.replaceChildren(root.dataset.changed || "", ...(lines === region ? [] : [lines]));
      if (!next.hasAttribute("data-live")) return stop();
      learn();
      moved = false;
      take(late);
    } catch {
      if (!root.dataset.picture) return notice();
      setTimeout(swap, 700 + 600 * Math.random());
    }
  }

  // What the chair says to all screens takes itself away.
  function announce(said) {
    const box = document.querySelector("[data-announcement]");
    if (!box) return;
    clearTimeout(saying);
    const left = said ? Date.parse(said.until) - Date.now() - offset : 0;
    if (left > 0) saying = setTimeout(announce, Math.min(left, 2 ** 30));
    const words = left > 0 ? said.text : "";
    if ((box.querySelector("span")?.textContent ?? "") === words) return;
    if (!words) return box.replaceChildren();
    const [line, name, span] = ["p", "strong", "span"].map((kind) => document.createElement(kind));
    name.textContent = `${box.dataset.announcement}:`;
    span.lang = "nl";
    span.textContent = words;
    line.append(name, " ", span);
    box.replaceChildren(line);
  }

  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

  function take(message) {
    if (!message?.rounds) return;
    hears();
    announce(message.announcement);
    const told = rounds(message);
    running = told.some((round) => moving.has(round.state));
    late = moved ? message : null;
    let changed = false;
    for (const round of told) {
      const key = String(round.number);
      const news = known.has(key) ? known.get(key) !== round.state : "new" in root.dataset && round.state === "open";
      if (news) known.set(key, round.state);
      changed ||= news;
      show(round);
      extended(round);
    }
    // The screen in the hall shows which item of the agenda the meeting is at.
    const item = root.querySelector("[data-item]");
    changed ||= Boolean(item) && item.dataset.item !== String(message.item ?? "");
    if ("follows" in root.dataset) return tell("alv:standing", told);
    if (!changed || moved) return;
    moved = true;
    return "swap" in root.dataset && !root.querySelector("form") ? swap() : notice();
  }

  // Asking, where the stream is silent: about each second while something runs and somebody looks. Chance keeps the
  // screens apart. A timer that is not 0 means that we ask.
  function ask(least, most) {
    clearTimeout(timer);
    timer = setTimeout(poll, least + (most - least) * Math.random());
  }

  async function poll() {
    try {
      const answer = await get(root.dataset.poll, "application/json", "no-cache");
      if (answer.status >= 500) throw new Error("no standing");
      if (answer.ok) take(await answer.json());
    } catch {
      missed();
    }
    if (!timer) return;
    if (failed && !document.hidden) ask(1000, 3000);
    else if (beside && !document.hidden && (listening() || !running)) ask(3000, 5000);
    else if (!beside && listening()) hush();
    else if (running && !document.hidden) ask(600, 1400);
    else ask(10000, 14000);
  }

  // The stream is open: nothing is asked any more, or seldom.
  function hush() {
    clearTimeout(timer);
    timer = 0;
    if (beside && listening()) ask(3000, 5000);
  }

  const listening = () => source?.readyState === 1;

  function stop() {
    source?.close();
    clearTimeout(retry);
    hush();
  }

  function listen() {
    if (!timer) ask(1000, 2000);
    if (!root.dataset.stream || !window.EventSource) return;
    source = new EventSource(root.dataset.stream);
    source.onopen = hush;
    source.addEventListener("over", over);
    source.onmessage = (event) => take(JSON.parse(event.data));
    source.onerror = () => {
      if (!timer || beside) ask(0, 1000);
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(listen, 15000 + Math.random() * 15000);
    };
  }

  document.addEventListener("visibilitychange", () => {
    if (timer && !document.hidden) ask(0, 400);
  });
  for (const turn of ["offline", "online"]) addEventListener(turn, () => "live" in root.dataset && ask(0, 400));
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => {
    if (event.persisted && "live" in root.dataset) listen();
  });
  learn();
  const shown = document.querySelector("[data-announcement][data-until]");
  if (shown) announce({ text: shown.querySelector("span").textContent, until: shown.dataset.until });
  listen();
})();
