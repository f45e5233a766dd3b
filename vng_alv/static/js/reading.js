// While a text is read: the contents follow, reactions open beside it, links are copied, line numbers come and go.
// Everything works without; texts come from data attributes.
(() => {
  "use strict";
  const notes = document.getElementById("meldingen");
  const reading = document.querySelector(".alv-docgrid");
  if (!reading) return;

  // The section that is read now is marked in the contents.
  const entries = new Map([...reading.querySelectorAll(".alv-toc__list a")].map((a) => [a.hash.slice(1), a]));
  if (entries.size && window.IntersectionObserver) {
    const seen = new Set();
    const watch = new IntersectionObserver(
      (changes) => {
        for (const { target, isIntersecting } of changes) seen[isIntersecting ? "add" : "delete"](target.id);
        const here = [...entries.keys()].find((id) => seen.has(id));
        if (!here) return;
        for (const [id, entry] of entries) {
          if (id === here) entry.setAttribute("aria-current", "location");
          else entry.removeAttribute("aria-current");
        }
        const box = entries.get(here).closest(".alv-toc");
        const gap = entries.get(here).getBoundingClientRect().top - box.getBoundingClientRect().top;
        if (gap < 0 || gap > box.clientHeight - 48) box.scrollTop += gap - box.clientHeight / 3;
      },
      { rootMargin: "-10% 0px -70% 0px" },
    );
    for (const id of entries.keys()) watch.observe(document.getElementById(id));
  }
  // Where the browser cannot keep folded contents open beside the text, they are opened once.
  const fold = reading.querySelector(".alv-toc__fold");
  if (fold && !CSS.supports("selector(::details-content)") && matchMedia("(min-width: 58rem)").matches) fold.open = true;

  // Reactions come when they are asked for.
  for (const box of reading.querySelectorAll("details[data-from]")) {
    box.addEventListener("toggle", async () => {
      const place = box.querySelector(".alv-beside");
      if (!box.open || place.hasAttribute("aria-busy") || place.dataset.loaded) return;
      place.setAttribute("aria-busy", "true");
      try {
        const [address, id] = box.dataset.from.split("#");
        const answer = await fetch(address, { headers: { Accept: "text/html" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const said = page.getElementById(id).querySelectorAll(".alv-reaction, nav");
        const link = place.firstElementChild;
        place.replaceChildren(...said, link);
        place.dataset.loaded = "1";
      } catch {
        const note = document.createElement("p");
        note.setAttribute("role", "status");
        note.textContent = box.dataset.failed;
        place.querySelector("[role=status]")?.remove();
        place.prepend(note);
      }
      place.removeAttribute("aria-busy");
    });
  }

  // Links to a section and to a line.
  for (const button of reading.querySelectorAll("button[data-copy-link]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const address = new URL(`#${button.dataset.copyLink}`, location.href);
      address.searchParams.delete("zoek");
      const said = document.createElement("p");
      try {
        await navigator.clipboard.writeText(address.href);
        said.textContent = button.dataset.done;
        button.firstChild.data = button.dataset.done;
      } catch {
        said.textContent = button.dataset.failed;
        location.hash = button.dataset.copyLink;
      }
      said.className = "alv-hidden";
      notes?.replaceChildren(said);
    });
  }
  reading.addEventListener("click", ({ target }) => {
    if (target.classList.contains("alv-line")) location.hash = target.id;
  });

  // Line numbers on or off, remembered on this device.
  const toggle = document.querySelector("a[data-lines]");
  if (!toggle) return;
  const words = [toggle.textContent, toggle.dataset.lines];
  const show = (on) => {
    reading.classList.toggle("alv-reading--plain", !on);
    toggle.textContent = words[on ? 0 : 1];
  };
  const kept = () => {
    try {
      return localStorage.getItem("alv-regels") !== "uit";
    } catch {
      return true;
    }
  };
  show(kept());
  toggle.addEventListener("click", (event) => {
    event.preventDefault();
    const on = reading.classList.contains("alv-reading--plain");
    show(on);
    try {
      localStorage.setItem("alv-regels", on ? "aan" : "uit");
    } catch {
      // Not remembered, then.
    }
  });
})();
