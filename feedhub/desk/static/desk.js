// Keys of the desk: j and k go through the items; a letter presses the button that names it, in the item that has the focus.
"use strict";
(() => {
  const items = [...document.querySelectorAll(".item")];
  const place = `at ${location.pathname}`;
  const off = () => localStorage.getItem("keys") === "off";
  let at = -1;

  const go = (to) => {
    if (!items.length) return;
    at = Math.min(Math.max(to, 0), items.length - 1);
    items[at].focus();
    items[at].scrollIntoView({ block: "nearest" });
  };

  const current = () => {
    const item = document.activeElement && document.activeElement.closest(".item");
    if (item) at = items.indexOf(item);
    return items[at];
  };

  // a button of the item that has the focus, else one that belongs to no item
  const button = (key) => {
    const named = (root) => root && root.querySelector(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
    const free = [...document.querySelectorAll(`[aria-keyshortcuts="${CSS.escape(key)}"]`)].find((e) => !e.closest(".item"));
    return named(current()) || free;
  };

  const help = () => {
    const before = document.getElementById("keys");
    if (before) { before.remove(); return; }
    const dialog = document.createElement("dialog");
    dialog.id = "keys";
    dialog.setAttribute("aria-label", "Keys");
    const list = document.createElement("dl");
    const named = new Map([["j", "next"], ["k", "the one before"], ["o", "the whole texts"], ["e", "more, and less"], ["w", "say why"]]);
    for (const each of document.querySelectorAll("[aria-keyshortcuts]")) {
      const label = each.firstChild ? each.firstChild.textContent.trim() : "";
      if (!named.has(each.getAttribute("aria-keyshortcuts"))) named.set(each.getAttribute("aria-keyshortcuts"), label);
    }
    named.set("?", "these keys");
    for (const [key, what] of named) {
      const term = document.createElement("dt"), means = document.createElement("dd");
      term.textContent = key;
      means.textContent = what;
      list.append(term, means);
    }
    const choice = document.createElement("button");
    choice.textContent = off() ? "Turn the keys on" : "Turn the keys off";
    choice.addEventListener("click", () => { localStorage.setItem("keys", off() ? "on" : "off"); dialog.remove(); });
    dialog.append(list, choice);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };

  const actions = {
    j: () => { current(); go(at + 1); },
    k: () => { current(); go(at - 1); },
    o: () => { const link = current() && current().querySelector("a.open"); if (link) link.click(); },
    e: () => {
      const parts = current() ? [...current().querySelectorAll("details")] : [];
      const opens = parts.some((each) => !each.open);
      for (const each of parts) each.open = opens;
    },
    w: () => { const why = current() && current().querySelector("input[name=why]"); if (why) why.focus(); },
    "?": help,
  };

  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (typing && event.key === "Escape") { const item = event.target.closest(".item"); if (item) item.focus(); else event.target.blur(); }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || (off() && event.key !== "?")) return;
    const chosen = actions[event.key] || (/^[a-z0-9]$/.test(event.key) && button(event.key));
    if (!chosen) return;
    event.preventDefault();
    if (chosen instanceof HTMLElement) chosen.click(); else chosen();
  });

  // After a decision the list is shorter by one: the focus goes to what stands in its place.
  document.addEventListener("submit", (event) => {
    const item = event.target.closest(".item");
    if (item) sessionStorage.setItem(place, String(items.indexOf(item)));
  });
  const was = sessionStorage.getItem(place);
  sessionStorage.removeItem(place);
  if (was !== null) go(Number(was));

  const hint = document.querySelector(".keys");
  if (hint) hint.hidden = false;
})();
