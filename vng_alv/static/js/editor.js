// Helps for writing Markdown: a toolbar, and pasting from a word processor. Texts come from data attributes.
(() => {
  "use strict";

  // Put text in the place of a passage, so that undo takes it back.
  function put(area, start, end, text) {
    area.focus();
    area.setSelectionRange(start, end);
    if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function around(area, mark) {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const chosen = value.slice(start, end);
    const inside = value.slice(start - mark.length, start) === mark && value.slice(end, end + mark.length) === mark;
    if (inside) {
      put(area, start - mark.length, end + mark.length, chosen);
      return area.setSelectionRange(start - mark.length, end - mark.length);
    }
    put(area, start, end, mark + chosen + mark);
    area.setSelectionRange(start + mark.length, end + mark.length);
  }

  function list(area) {
    const { selectionStart, selectionEnd, value } = area;
    const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const next = value.indexOf("\n", selectionEnd);
    const end = next < 0 ? value.length : next;
    const lines = value.slice(start, end).split("\n");
    const on = lines.every((line) => line.startsWith("- "));
    const text = lines.map((line) => (on ? line.slice(2) : line.startsWith("- ") ? line : "- " + line)).join("\n");
    // Before a list stands an empty line, or it would go on with the line above it.
    const above = value.slice(0, start).split("\n").at(-2);
    put(area, start, end, (!on && above && !above.startsWith("- ") ? "\n" : "") + text);
  }

  function link(area) {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const chosen = value.slice(start, end);
    const address = /^https?:\/\/\S+$/.test(chosen) ? chosen : "https://";
    const words = address === chosen ? "" : chosen;
    put(area, start, end, `[${words}](${address})`);
    if (!words) return area.setSelectionRange(start + 1, start + 1);
    const from = start + words.length + 3;
    area.setSelectionRange(from, from + address.length);
  }

  const TOOLS = [
    ["bold", "B", (area) => around(area, "**"), "b"],
    ["italic", "I", (area) => around(area, "*"), "i"],
    ["list", "•", list],
    ["link", "↗", link],
  ];

  function enhance(box) {
    const area = box.querySelector("textarea");
    const words = box.closest("[data-tools]")?.dataset;
    if (!area || !words) return;
    const bar = document.createElement("div");
    bar.className = "alv-toolbar";
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", words.tools);
    bar.setAttribute("aria-controls", area.id);
    const buttons = TOOLS.map(([name, sign, act], i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `alv-toolbar__tool alv-toolbar__tool--${name}`;
      button.textContent = sign;
      button.setAttribute("aria-label", words[name]);
      button.title = words[name];
      button.tabIndex = i ? -1 : 0;
      button.addEventListener("click", () => act(area));
      return button;
    });
    bar.append(...buttons);
    bar.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const at = buttons.indexOf(document.activeElement);
      const next = buttons[(at + step + buttons.length) % buttons.length];
      buttons.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
      next.focus();
    });
    area.before(bar);
    area.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      const tool = TOOLS.find((one) => one[3] === event.key.toLowerCase());
      if (!tool) return;
      event.preventDefault();
      tool[2](area);
    });
    area.addEventListener("paste", (event) => {
      const html = event.clipboardData?.getData("text/html");
      const text = html && markdown(html);
      if (!text) return;
      event.preventDefault();
      put(area, area.selectionStart, area.selectionEnd, text);
    });
  }

  // What was copied, as Markdown: paragraphs, lists, bold, italic and links; all else as its words.
  function markdown(html) {
    // Styles are read and never applied, handlers never run: under another name they are neither.
    const inert = html
      .replace(/<style[\s\S]*?<\/style>/gi, "")
      .replace(/<[^>]*>/g, (tag) => tag.replace(/\s(style|on\w+)\s*=/gi, " data-$1="));
    const body = new DOMParser().parseFromString(inert, "text/html").body;
    const found = [];
    blocks(body, found, 0);
    return found.join("\n\n").replace(/^((?: {2,})?(?:-|\d+\.) .*)\n\n(?=(?: {2,})?(?:-|\d+\.) )/gm, "$1\n").trim();
  }

  const BLOCK = /^(P|DIV|H[1-6]|UL|OL|LI|TABLE|TBODY|THEAD|TR|BLOCKQUOTE|SECTION|ARTICLE|PRE)$/;
  const WRAPPED = { B: "**", STRONG: "**", I: "*", EM: "*" };

  function blocks(parent, found, depth) {
    let loose = "";
    const close = () => {
      if (loose.trim()) found.push(safe(loose));
      loose = "";
    };
    for (const node of parent.childNodes) {
      if (!BLOCK.test(node.nodeName)) {
        // Google Docs wraps everything in one <b>.
        if (node.querySelector?.("p, ul, ol, li, div")) blocks(node, found, depth);
        else loose += inline(node);
        continue;
      }
      close();
      if (node.nodeName === "UL" || node.nodeName === "OL") items(node, found, depth);
      else if (node.nodeName === "TR") {
        const cells = [...node.cells].map((cell) => inline(cell).trim());
        if (cells.some(Boolean)) found.push(safe(cells.join(" | ")));
      } else if (ofWord(node)) found.push(ofWord(node));
      else blocks(node, found, depth);
    }
    close();
  }

  function items(node, found, depth) {
    let number = Number(node.getAttribute("start") || 1);
    for (const item of node.children) {
      if (/^[UO]L$/.test(item.nodeName)) {
        items(item, found, depth + 1);
        continue;
      }
      const nested = [...item.children].filter((child) => /^[UO]L$/.test(child.nodeName));
      nested.forEach((child) => child.remove());
      const mark = node.nodeName === "OL" ? `${number++}. ` : "- ";
      const text = inline(item).replace(/\s*\n\s*/g, " ").trim();
      if (text) found.push("   ".repeat(depth) + mark + text);
      nested.forEach((child) => items(child, found, depth + 1));
    }
  }

  // Word writes an item as a paragraph with its bullet in it.
  function ofWord(node) {
    const style = node.getAttribute("data-style") || "";
    const level = /mso-list:[^;]*level(\d)/i.exec(style);
    if (!level) return "";
    const bullets = [...node.querySelectorAll("[data-style]")].filter((one) => /mso-list:\s*Ignore/i.test(one.getAttribute("data-style")));
    const bullet = bullets.map((one) => one.textContent).join("").trim();
    bullets.forEach((one) => one.remove());
    const number = /^\(?(\d+)[.)]/.exec(bullet);
    const text = inline(node).replace(/\s*\n\s*/g, " ").trim();
    return text && "   ".repeat(Number(level[1]) - 1) + (number ? `${number[1]}. ` : "- ") + text;
  }

  function inline(node) {
    if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/[\s\u00a0]+/g, " ").replace(/[*`\\]/g, "\\$&");
    if (node.nodeName === "BR") return "\n";
    if (node.nodeType !== Node.ELEMENT_NODE || /^(SCRIPT|STYLE|TITLE|META|LINK)$/.test(node.nodeName)) return "";
    const text = [...node.childNodes].map(inline).join("");
    if (!text.trim()) return text;
    const [, before, words, after] = /^(\s*)([\s\S]*?)(\s*)$/.exec(text);
    const bold = /font-weight:\s*(bold|[6-9]00)/i.test(node.getAttribute("data-style") || "") && node.nodeName === "SPAN";
    const normal = /font-weight:\s*(normal|400)/i.test(node.getAttribute("data-style") || "");
    const mark = bold ? "**" : normal ? "" : WRAPPED[node.nodeName];
    if (mark && !words.includes("\n")) return before + mark + words + mark + after;
    const address = node.nodeName === "A" ? node.getAttribute("href") || "" : "";
    if (/^(https?:\/\/|mailto:)[^\s()<>]+$/i.test(address)) return `${before}[${words}](${address})${after}`;
    return text;
  }

  // A line that would be a heading, a quote or an item by accident is none.
  const safe = (text) => text.trim().replace(/[^\S\n]*\n[^\S\n]*/g, "\n").replace(/^([#>+-]|\d+[.)])(?=\s)/gm, (mark) => (/\d/.test(mark) ? mark.replace(/[.)]$/, "\\$&") : "\\" + mark));

  document.querySelectorAll("[data-editor]").forEach(enhance);
})();
