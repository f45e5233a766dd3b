// The running order: drag an item to another place. Its buttons do the same, one place at a time, without this.
(() => {
  "use strict";

  const list = document.querySelector("[data-run]");
  const form = document.querySelector("[data-run-form]");
  if (!list || !form) return;
  const items = () => [...list.querySelectorAll(":scope > [data-item]")];
  let item = null; // what is dragged
  let before = []; // the order as it was

  const stop = () => {
    item?.classList.remove("alv-run__item--dragged");
    item = null;
  };
  const undo = () => {
    if (item) list.append(...before);
    stop();
  };

  for (const grip of list.querySelectorAll("[data-drag]")) {
    grip.hidden = false;
    grip.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      item = grip.closest("[data-item]");
      before = items();
      item.classList.add("alv-run__item--dragged");
    });
  }
  // On the window: what moves in the page loses the pointer that it had.
  addEventListener("pointermove", ({ clientY }) => {
    if (!item) return;
    const next = items().find((one) => {
      const box = one.getBoundingClientRect();
      return one !== item && clientY < box.top + box.height / 2;
    });
    if (next) next.before(item);
    else list.append(item);
    // An agenda is longer than a screen.
    if (clientY < 60) scrollBy(0, -12);
    else if (clientY > innerHeight - 60) scrollBy(0, 12);
  });
  addEventListener("pointercancel", undo);
  addEventListener("keydown", ({ key }) => key === "Escape" && undo());
  addEventListener("pointerup", () => {
    if (!item) return;
    const place = items().indexOf(item);
    form.elements.punt.value = item.dataset.item;
    form.elements.plaats.value = place + 1;
    const moved = before.indexOf(item) !== place;
    stop();
    if (moved) form.submit();
  });
})();
