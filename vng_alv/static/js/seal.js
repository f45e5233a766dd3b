// A secret ballot is sealed in this browser: what was chosen does not leave it in the clear. Texts come from data
// attributes. The shape is that of vng_alv/voting/sealing.py, and it takes the same envelopes.
import { Encrypter, Stanza } from "age-encryption";

const INNER = 512;
const OUTER = 2048;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const below = (most) => crypto.getRandomValues(new Uint32Array(1))[0] % most;
const word = () => Array.from({ length: 1 + below(8) }, () => LETTERS[below(LETTERS.length)]).join("");

// The server's library puts a stanza of chance beside the real one. Without it, a ballot that was sealed here would
// differ from one that was sealed there, and that would tell who has scripts off.
class Beside {
  async wrapFileKey() {
    const arguments_ = Array.from({ length: below(5) }, word);
    return [new Stanza([`${word()}-grease`, ...arguments_], crypto.getRandomValues(new Uint8Array(below(100))))];
  }
}

const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

async function envelope(text, size, key) {
  const encrypter = new Encrypter();
  const first = below(2);
  if (first) encrypter.addRecipient(new Beside());
  encrypter.addRecipient(key);
  if (!first) encrypter.addRecipient(new Beside());
  if (text.length > size) throw new Error("too long for its envelope");
  return base64(await encrypter.encrypt(text.padEnd(size)));
}

const form = document.querySelector("form[data-seal]");
const { round, first, second, most } = form.dataset;
const note = form.querySelector("[data-seal-note]");
const review = form.querySelector("[data-seal-review]");
const inputs = [...form.querySelectorAll("input[name=choice]")];

document.querySelector("[data-seal-on]").hidden = false;
document.querySelector("[data-seal-off]").hidden = true;

const tell = (message) => {
  const box = document.createElement("div");
  box.className = "utrecht-alert utrecht-alert--error";
  box.append(message);
  note.replaceChildren(box);
  note.scrollIntoView({ block: "center" }); // the button is below the choices: on a phone this is out of sight
};
const chosen = () => inputs.filter((input) => input.checked);

const problem = (those) => {
  if (!those.length) return form.dataset.nothing;
  if (those.length > 1 && those.some((input) => input.value === "abstain")) return form.dataset.abstains;
  return those.length > Number(most) ? form.dataset.tooMany : "";
};

const show = (reviewing) => {
  review.hidden = !reviewing;
  form.querySelector("[data-seal-choose]").hidden = reviewing;
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  note.replaceChildren();
  const those = chosen();
  const wrong = problem(those);
  if (wrong) return tell(wrong);
  if (review.hidden) {
    const names = those.map((input) => input.closest("label").querySelector("span").textContent.trim());
    review.querySelector("[data-seal-said]").textContent = names.join(", ");
    show(true);
    review.querySelector("h2").focus();
    return;
  }
  const button = review.querySelector("button[type=submit]");
  button.setAttribute("aria-busy", "true");
  try {
    const ballot = those.map((input) => input.value).join("+");
    const inner = await envelope(`alv-ballot-1 ${round} ${ballot}`, INNER, first);
    form.elements.sealed.value = await envelope(inner, OUTER, second);
    for (const input of inputs) input.disabled = true;
    form.submit();
  } catch {
    button.removeAttribute("aria-busy");
    tell(form.dataset.failed);
  }
});
form.querySelector("[data-seal-back]").addEventListener("click", () => show(false));
// A page that comes back from the browser's memory can be filled in again.
addEventListener("pageshow", () => {
  form.elements.sealed.value = "";
  for (const input of inputs) input.disabled = false;
});
