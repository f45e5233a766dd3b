// Passkeys: from a question of the server to an answer in a field of the form, which is then sent as any other form.
(() => {
  "use strict";

  for (const part of document.querySelectorAll("[data-print]")) {
    part.hidden = false;
    part.addEventListener("click", () => print());
  }
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  for (const part of document.querySelectorAll("[data-passkey-part]")) part.hidden = false;
  for (const part of document.querySelectorAll("[data-passkey-without]")) part.hidden = true;
  for (const part of document.querySelectorAll("[data-passkey-close]")) part.open = false;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  // What the standard's own parseCreationOptionsFromJSON and toJSON do, for browsers that do not have them yet.
  const listed = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));
  const options = (asked) => ({
    ...asked,
    challenge: bytes(asked.challenge),
    ...(asked.user && { user: { ...asked.user, id: bytes(asked.user.id) } }),
    ...(asked.excludeCredentials && { excludeCredentials: listed(asked.excludeCredentials) }),
    ...(asked.allowCredentials && { allowCredentials: listed(asked.allowCredentials) }),
  });
  function answer(credential) {
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[part]) response[part] = text(credential.response[part]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: {},
    });
  }

  async function question(button) {
    const found = await fetch(button.dataset.ask, {
      method: "POST",
      body: new URLSearchParams({ csrf_token: button.form.elements.csrf_token.value }),
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(10000),
    });
    if (!found.ok) throw new Error("no question");
    return options(await found.json());
  }

  function send(button, credential) {
    button.form.elements[button.dataset.field].value = answer(credential);
    button.form.submit();
  }

  const words = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "taken" };
  let filling;

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest?.("button[data-passkey]");
    if (!button || button.getAttribute("aria-busy")) return;
    const note = button.parentElement.querySelector("[data-passkey-note]");
    button.setAttribute("aria-busy", "true");
    note.textContent = "";
    filling?.abort();
    try {
      const publicKey = await question(button);
      send(button, await navigator.credentials[button.dataset.passkey]({ publicKey }));
    } catch (error) {
      note.textContent = button.dataset[words[error.name] || "failed"];
      button.removeAttribute("aria-busy");
    }
  });

  // On the page to sign in, the browser offers passkeys where one types the address. Questions last five minutes.
  async function autofill(button) {
    filling = new AbortController();
    const { signal } = filling;
    try {
      const publicKey = await question(button);
      setTimeout(() => signal.aborted || (filling.abort("again"), autofill(button)), 240000);
      send(button, await navigator.credentials.get({ publicKey, mediation: "conditional", signal }));
    } catch {
      // Nobody chose one: the form and the button are still there.
    }
  }
  const button = document.querySelector("button[data-autofill]");
  if (button) window.PublicKeyCredential.isConditionalMediationAvailable?.().then((may) => may && autofill(button));
})();
