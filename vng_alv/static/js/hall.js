// The screen in the hall: the time that is left, and whether what it shows is of now. live.js brings the rest.
(() => {
  "use strict";
  const line = document.querySelector("[data-connection]");
  const offset = Date.parse(document.body.dataset.now) - Date.now();
  const language = document.documentElement.lang || "nl";
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Europe/Amsterdam" });
  const at = (moment) => clock.format(new Date(moment)).replace(".", ":");
  // live.js asks every 3 to 5 seconds even while the stream is open; longer than this in silence is no connection.
  const SILENT = 9000;
  let heard = Date.now();

  const text = (element, value) => {
    if (element.textContent !== value) element.textContent = value;
  };

  function left(until) {
    const seconds = Math.ceil((until - Date.now() - offset) / 1000);
    if (seconds <= 0) return null;
    const two = (number) => String(number).padStart(2, "0");
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
    if (hours >= 24) return "";
    return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  }

  function tick() {
    for (const one of document.querySelectorAll("time[data-clock]")) text(one, left(Date.parse(one.dateTime)) ?? one.dataset.clock);
    for (const one of document.querySelectorAll("time[data-at]")) text(one, at(one.dateTime));
    const lost = Date.now() - heard > SILENT;
    document.body.classList.toggle("hall--lost", lost);
    text(line, lost ? line.dataset.lost.replace("{time}", at(heard + offset)) : "");
  }

  document.addEventListener("alv:heard", () => {
    heard = Date.now();
    tick();
  });
  document.addEventListener("alv:swapped", tick);
  tick();
  setInterval(tick, 500);
})();
