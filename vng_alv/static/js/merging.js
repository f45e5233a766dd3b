// The merging workbench: what is chosen and typed is saved by itself. The page works without; texts come from the form.
(() => {
  "use strict";
  const form = document.querySelector("form[data-merging]");
  if (!form || !window.AbortController) return;
  const PAUSE = 1500;
  const note = form.querySelector("[data-note]");
  const fields = { kop: form.elements.kop, tekst: form.elements.tekst };
  let timer;
  let busy = false;
  let waiting = false;
  let met = false;

  const say = (text, bad) => {
    note.classList.toggle("alv-notsaved", Boolean(bad));
    if (note.textContent !== text) note.textContent = text;
  };

  // The outcome and the guards come from the page as it is now; words that somebody is typing stay.
  function take(page) {
    const was = { kop: form.elements["kop-was"].value, tekst: form.elements["tekst-was"].value };
    for (const fresh of page.querySelectorAll("[data-fresh]")) {
      const here = form.querySelector(`[data-fresh="${CSS.escape(fresh.dataset.fresh)}"]`);
      if (here && here.innerHTML !== fresh.innerHTML) here.replaceChildren(...fresh.childNodes);
    }
    form.elements.revision.value = page.querySelector("form[data-merging] [name=revision]").value;
    const alike = (name) => fields[name].value.trimEnd() === was[name].replaceAll("\r\n", "\n").trimEnd();
    if (alike("kop") && alike("tekst")) {
      for (const name of ["kop", "tekst"]) fields[name].value = page.querySelector(`#${name}`).value;
    }
    say(page.querySelector("[data-note]").textContent.trim());
  }

  async function save() {
    if (busy || !waiting || met) return;
    busy = true;
    waiting = false;
    say(form.dataset.busy);
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: "text/html" },
        signal: AbortSignal.timeout?.(15000),
      });
      met = answer.status === 409;
      if (met) say(form.dataset.met, true);
      else if (answer.ok && !new URL(answer.url).pathname.endsWith(new URL(form.action).pathname)) throw new Error("elsewhere");
      else if (!answer.ok) throw new Error(String(answer.status));
      else take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      say(form.dataset.failed, true);
    }
    busy = false;
    if (waiting) plan(PAUSE);
  }

  function plan(after) {
    waiting = true;
    clearTimeout(timer);
    timer = setTimeout(save, after);
  }

  form.addEventListener("input", ({ target }) => {
    if (target.dataset.chooses) document.getElementById(target.dataset.chooses).checked = true;
    plan(target.type === "radio" ? 200 : PAUSE);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
})();
