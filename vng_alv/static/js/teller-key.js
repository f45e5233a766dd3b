// A teller's pair of keys is made in this browser: the private half goes into a file, the public half into the form.
import { generateX25519Identity, identityToRecipient } from "age-encryption";

const form = document.querySelector("form[data-teller-key]");
const make = form.querySelector("[data-make]");
const save = form.querySelector("[data-save]");
make.hidden = false;

make.addEventListener("click", async () => {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const content = `# ${form.dataset.about}\n# public key: ${recipient}\n${identity}\n`;
  const link = save.querySelector("a");
  link.href = URL.createObjectURL(new Blob([content], { type: "text/plain" }));
  save.hidden = false;
  form.elements.public_key.value = recipient;
  link.focus();
});
