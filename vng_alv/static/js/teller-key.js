// A teller's pair of keys is made in this browser: the private half goes into a file, the public half into the form.
import { generateX25519Identity, identityToRecipient } from "age-encryption";

const form = document.querySelector("form[data-teller-key]");
const make = form.querySelector("[data-make]");
const save = form.querySelector("[data-save]");
const unsaved = form.querySelector("[data-unsaved]");
let made = ""; // a public half of which the private one is nowhere but on this page
make.hidden = false;

make.addEventListener("click", async () => {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const content = `# ${form.dataset.about}\n# public key: ${recipient}\n${identity}\n`;
  const link = save.querySelector("a");
  link.href = URL.createObjectURL(new Blob([content], { type: "text/plain" }));
  save.hidden = false;
  form.elements.public_key.value = recipient;
  made = recipient;
  unsaved.hidden = true;
  link.focus();
});

save.querySelector("a").addEventListener("click", () => {
  made = "";
  unsaved.hidden = true;
});

// Whoever gives a key and leaves the page without its private half makes every ballot unreadable.
form.addEventListener("submit", (event) => {
  if (!made || form.elements.public_key.value.trim() !== made) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  unsaved.hidden = false;
  save.querySelector("a").focus();
});
