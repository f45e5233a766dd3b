// Keeps a progress bar up to date: <div data-progress="URL" data-words="{done} of {total}"> with a label and a <progress>.
// Without it the page has a link that shows how far it is.
(() => {
  "use strict";
  const root = document.querySelector("[data-progress]");
  const [bar, label] = [root.querySelector("progress"), root.querySelector("label")];
  const format = new Intl.NumberFormat(document.documentElement.lang || "nl");

  async function ask() {
    try {
      const answer = await fetch(root.dataset.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const { done, total, finished } = await answer.json();
      if (finished) return location.reload();
      bar.value = done;
      label.textContent = root.dataset.words
        .replace("{done}", format.format(done))
        .replace("{total}", format.format(total));
    } catch {
      // the next time
    }
  }
  setInterval(ask, 2000);
})();
