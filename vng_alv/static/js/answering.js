// The list of reactions to answer: choose many at once, by mouse or keyboard. The form works without this.
(() => {
  "use strict";

  const form = document.querySelector("form[data-work]");
  const boxes = form ? [...form.querySelectorAll("input[name=reactie]")] : [];
  if (!boxes.length) return;
  const all = form.querySelector("[data-tick-all]");
  const chosen = form.querySelector("[data-chosen]");
  const theme = form.querySelector("select[name=theme]");
  const keysOn = form.querySelector("[data-keys-on]");
  let last = null; // where a range begins

  const tell = () => {
    const number = boxes.filter((box) => box.checked).length;
    chosen.textContent = number ? " · " + form.dataset.count.replace("{n}", number) : "";
    all.checked = number === boxes.length;
    all.indeterminate = number > 0 && number < boxes.length;
  };
  const range = (from, to, on) => {
    const [first, end] = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b);
    boxes.slice(first, end + 1).forEach((box) => (box.checked = on));
  };

  // A press with Shift chooses everything from the one before to this one.
  form.addEventListener("click", (event) => {
    const box = event.target;
    if (!boxes.includes(box)) return;
    if (event.shiftKey && last && last !== box) range(last, box, box.checked);
    last = box;
    tell();
  });
  form.addEventListener("change", ({ target }) => {
    if (target === all) boxes.forEach((box) => (box.checked = all.checked));
    tell();
  });
  form.querySelector("[data-all]").hidden = false;
  tell();

  // Keys of one letter, which can be turned off; the choice is remembered on this device.
  const remembered = (value) => {
    try {
      if (value === undefined) return localStorage.getItem("alv-keys") !== "off";
      localStorage.setItem("alv-keys", value ? "on" : "off");
    } catch {
      // a browser that keeps nothing: on, until this page is left
    }
    return true;
  };
  form.querySelector("[data-keys]").hidden = false;
  keysOn.checked = remembered();
  keysOn.addEventListener("change", () => remembered(keysOn.checked));

  const here = () => boxes.findIndex((box) => box.closest("li").contains(document.activeElement));
  const go = (place) => {
    const box = boxes[Math.max(0, Math.min(boxes.length - 1, place))];
    box.focus({ preventScroll: true });
    box.closest("li").scrollIntoView({ block: "nearest" });
  };
  const acts = {
    j: () => go(here() + 1),
    k: () => go(here() < 0 ? 0 : here() - 1),
    x: (shift) => {
      const box = boxes[here()];
      if (!box) return go(0);
      if (shift && last && last !== box) range(last, box, true);
      else box.checked = !box.checked;
      last = box;
      tell();
    },
    t: () => theme.focus(),
  };
  addEventListener("keydown", (event) => {
    if (!keysOn.checked || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches?.("select, textarea, input:not([type=checkbox])")) return;
    const act = acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act(event.shiftKey);
  });

  // Coming back after an act: the keyboard goes on where the list does.
  const back = location.hash && document.getElementById(location.hash.slice(1));
  if (back && form.contains(back) && !document.querySelector("[data-focus]")) go(boxes.findIndex((box) => back.contains(box)));
})();
