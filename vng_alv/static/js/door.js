// The door of a meeting. [data-fresh="URL"]: its text is taken anew from there, while somebody looks.
// [data-scan] (a button, hidden without this): reads a code with the camera into [data-scan-into] and sends its form,
// in browsers that can read codes by themselves.
(() => {
  "use strict";
  const fresh = document.querySelector("[data-fresh]");

  async function renew() {
    if (document.hidden || fresh.contains(document.activeElement)) return;
    try {
      const answer = await fetch(fresh.dataset.fresh, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.querySelector("[data-fresh]");
      if (next && next.textContent !== fresh.textContent) fresh.replaceChildren(...next.childNodes);
    } catch {
      // The next time.
    }
  }
  if (fresh) setInterval(renew, 5000);

  const button = document.querySelector("[data-scan]");
  if (!button || !("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return;
  const field = document.getElementById(button.dataset.scanInto);
  const said = document.querySelector("[data-scan-said]");
  let [video, stream] = [null, null];

  function stop() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    video?.remove();
    [video, stream] = [null, null];
    button.textContent = button.dataset.scan;
  }

  async function look(detector) {
    if (!stream) return;
    try {
      const [code] = await detector.detect(video);
      if (code?.rawValue) {
        stop();
        field.value = code.rawValue.slice(0, 100);
        return field.form.requestSubmit();
      }
    } catch {
      // The camera is still starting.
    }
    setTimeout(() => look(detector), 150);
  }

  button.addEventListener("click", async () => {
    if (stream) return stop();
    try {
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video = document.createElement("video");
      video.className = "alv-camera";
      [video.muted, video.playsInline, video.srcObject] = [true, true, stream];
      button.after(video);
      button.textContent = button.dataset.scanStop;
      said.textContent = "";
      await video.play();
      look(detector);
    } catch {
      stop();
      said.textContent = said.dataset.scanSaid;
    }
  });
  window.addEventListener("pagehide", stop);
  button.hidden = false;
})();
