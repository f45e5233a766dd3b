// While an amendment is written: the comparison follows when typing pauses. The page works without; nothing is saved.
(() => {
  "use strict";
  const form = document.querySelector("form[data-redline]");
  if (!form || !window.AbortController) return;
  const note = form.querySelector("[data-redline-note]");
  let timer;
  let running;

  async function compare() {
    running?.abort();
    running = new AbortController();
    try {
      const answer = await fetch(form.dataset.redline, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: "text/html" },
        signal: running.signal,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const fresh of page.querySelectorAll("[data-changed]")) {
        const here = form.querySelector(`[data-changed="${CSS.escape(fresh.dataset.changed)}"]`);
        if (here && here.innerHTML !== fresh.innerHTML) here.replaceChildren(...fresh.childNodes);
      }
      note.textContent = form.dataset.redlineDone;
    } catch (error) {
      if (error.name !== "AbortError") note.textContent = form.dataset.redlineFailed;
    }
  }

  form.addEventListener("input", ({ target }) => {
    if (!/^(kop|tekst|schrap)-/.test(target.name ?? "")) return;
    clearTimeout(timer);
    timer = setTimeout(compare, 1200);
  });
})();
