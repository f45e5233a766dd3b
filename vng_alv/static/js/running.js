// The running order: drag an item to another place. Its buttons do the same, one place at a time, without this.
(() => {
  "use strict";

  const list = document.querySelector("[data-run]");
  const form = document.querySelector("[data-run-form]");
  if (!list || !form) return;
  const items = () => [...list.querySelectorAll(":scope > [data-item]")];

  for (const grip of list.querySelectorAll("[data-drag]")) {
    const item = grip.closest("[data-item]");
    let before = null; // the order as it was, while this one is dragged
    grip.hidden = false;

    const stop = () => {
      before = null;
      item.classList.remove("alv-run__item--dragged");
    };
    const undo = () => {
      if (before) list.append(...before);
      stop();
    };
    grip.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      before = items();
      item.classList.add("alv-run__item--dragged");
    });
    grip.addEventListener("pointermove", ({ clientY }) => {
      if (!before) return;
      const others = items().filter((one) => one !== item);
      const next = others.find((one) => {
        const box = one.getBoundingClientRect();
        return clientY < box.top + box.height / 2;
      });
      if (next) next.before(item);
      else list.append(item);
      // An agenda is longer than a screen.
      if (clientY < 60) scrollBy(0, -12);
      else if (clientY > innerHeight - 60) scrollBy(0, 12);
    });
    grip.addEventListener("pointercancel", undo);
    addEventListener("keydown", (event) => event.key === "Escape" && undo());
    grip.addEventListener("pointerup", () => {
      if (!before) return;
      const place = items().indexOf(item);
      const moved = before.indexOf(item) !== place;
      stop();
      if (!moved) return;
      form.elements.punt.value = item.dataset.item;
      form.elements.plaats.value = place + 1;
      form.submit();
    });
  }
})();
