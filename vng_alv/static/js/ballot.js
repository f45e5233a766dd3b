// A ballot that lies open follows what the chair opens and closes. What was chosen and not sent stays as it is: new
// questions come in their place, closed ones are marked. live.js brings the news (alv:standing).
// <div data-follows="URL of the open questions" data-…="texts">; [data-questions] and [data-others] inside.
(() => {
  "use strict";
  const root = document.querySelector("[data-follows]");
  const list = root?.querySelector("[data-questions]");
  if (!list) return;
  const form = list.closest("form");
  const others = root.querySelector("[data-others]");
  const lines = document.querySelector("#meldingen [data-lines]");
  // The rounds as they were told last, whether the questions are being fetched, and how often that brought nothing.
  let [told, fetching, tries] = [[], false, 0];

  const cards = () => [...root.querySelectorAll("[data-round]")];
  const title = (card) => card.querySelector("h2").textContent;
  const missing = () => {
    const here = new Set(cards().map((card) => card.dataset.round));
    return told.filter((round) => round.state === "open" && !here.has(String(round.number)));
  };

  function say(kind, words) {
    let line = lines.querySelector(`[data-follow="${kind}"]`);
    if (!line) {
      line = document.createElement("p");
      line.className = "alv-notice";
      line.dataset.follow = kind;
      lines.append(line);
    }
    line.textContent = words;
  }

  function chosen(card) {
    return [...card.querySelectorAll("input:checked")].map((input) => input.value).filter(Boolean).join("+");
  }

  function shut(card, state) {
    card.dataset.state = state;
    card.classList.add("alv-question--closed");
    const line = document.createElement("p");
    line.className = "alv-question__closed";
    const unsent = chosen(card) && chosen(card) !== card.dataset.cast;
    line.textContent = root.dataset.closed + (unsent ? ` ${root.dataset.unsent}` : "");
    (card.querySelector(".alv-question__head") ?? card).append(line);
    for (const part of card.querySelectorAll("fieldset, button")) part.disabled = true;
    for (const link of card.querySelectorAll("a.utrecht-button")) link.remove();
    say("closed", root.dataset.shut.replace("{title}", title(card)));
  }

  // What is the reader's own, in what is the same for everybody.
  function own(card) {
    for (const other of card.querySelectorAll("form[data-own]"))
      for (const input of form.querySelectorAll(":scope > input[type=hidden]")) other.prepend(input.cloneNode());
    for (const link of card.querySelectorAll("a[data-own]")) {
      const address = new URL(link.href);
      address.searchParams.set("gemeente", root.dataset.member);
      link.href = address;
    }
  }

  function place(card, into) {
    own(card);
    const after = [...into.querySelectorAll(":scope > [data-round]")].find((one) => number(one) > number(card));
    into.insertBefore(card, after ?? null);
  }

  const number = (card) => Number(card.dataset.round.replace("P", ""));

  function recount() {
    const questions = [...list.querySelectorAll("[data-round]")];
    questions.forEach((card, index) => {
      card.querySelector("[data-order]").textContent = root.dataset.order.replace("{n}", index + 1).replace("{total}", questions.length);
    });
    const open = questions.filter((card) => card.dataset.state === "open");
    form.hidden = !questions.length;
    const all = root.querySelector("[data-all]");
    const plain = open.filter((card) => "plain" in card.dataset).length;
    all.hidden = plain < 2;
    const words = all.querySelector("[data-words]");
    words.textContent = words.dataset.words.replace("{n}", plain);
    const none = root.querySelector("[data-none]");
    if (none && cards().length) none.remove();
  }

  async function page(address) {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-cache", signal: AbortSignal.timeout?.(10000) });
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  }

  const pause = (longest) => new Promise((done) => setTimeout(done, longest));

  // What the own municipality prepared on them, which is not in what is the same for everybody.
  async function advise(fresh) {
    for (let turn = 1; turn <= 5; turn++) {
      const found = await page(root.dataset.advised).catch(() => null);
      if (found) {
        for (const card of fresh)
          card.querySelector("div.alv-read")?.append(...(found.querySelector(`[data-of="${card.dataset.round}"]`)?.children ?? []));
        const take = root.querySelector("[data-take]");
        take.replaceChildren(...found.querySelector("[data-take]").children);
        take.hidden = !take.children.length;
        return;
      }
      await pause(turn * 1000 * (1 + Math.random()));
    }
  }

  async function bring() {
    fetching = true;
    // Chance keeps the ballots of a hall apart; whoever got nothing waits longer each time.
    await pause(Math.random() * 500 + Math.min(tries, 10) * 700);
    const fresh = await page(root.dataset.follows).catch(() => null);
    if (fresh) add(fresh); // Otherwise the next turn tries again.
    fetching = false;
    tries = missing().length ? tries + 1 : 0;
    if (tries) bring();
  }

  function add(fresh) {
    const wanted = new Set(missing().map((round) => String(round.number)));
    const found = [...fresh.querySelectorAll("[data-round]")].filter((card) => wanted.has(card.dataset.round));
    for (const card of found) place(card, card.closest("[data-questions]") ? list : others);
    if (!found.length) return;
    recount();
    if ("advised" in root.dataset) advise(found);
    document.dispatchEvent(new CustomEvent("alv:swapped"));
    say("opened", found.length === 1 ? root.dataset.one.replace("{title}", title(found[0])) : root.dataset.more.replace("{n}", found.length));
  }

  document.addEventListener("alv:standing", ({ detail }) => {
    told = detail;
    const states = new Map(told.map((round) => [String(round.number), round.state]));
    let closed = false;
    for (const card of cards()) {
      const state = states.get(card.dataset.round);
      if (!state || state === "open" || card.dataset.state !== "open") continue;
      shut(card, state);
      closed = true;
    }
    if (closed) recount();
    if (missing().length && !fetching) bring();
  });
})();
