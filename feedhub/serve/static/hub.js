// Keys for whoever reads without a mouse: j and k go through the stories, o opens one, / searches, ? tells of them.
"use strict";
(() => {
  // a picture that its outlet does not deliver leaves its room to the text
  for (const picture of document.querySelectorAll("img.thumb")) {
    picture.addEventListener("error", () => picture.remove());
    if (picture.complete && picture.currentSrc && !picture.naturalWidth) picture.remove();
  }

  const items = [...document.querySelectorAll("a.item")];
  const search = document.getElementById("q");
  const keys = [["j", "next story"], ["k", "story before"], ["o", "open it"], ["/", "search"], ["?", "these keys"]];
  let at = -1;

  const go = (step) => {
    if (!items.length) return;
    const focused = items.indexOf(document.activeElement);
    at = Math.min(Math.max((focused >= 0 ? focused : at) + step, 0), items.length - 1);
    items[at].focus();
    items[at].scrollIntoView({ block: "center" });
  };

  const help = () => {
    let dialog = document.getElementById("keys");
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.id = "keys";
      dialog.setAttribute("aria-label", "Keys");
      const list = document.createElement("dl");
      for (const [key, what] of keys) {
        const term = document.createElement("dt"), told = document.createElement("dd");
        term.textContent = key;
        told.textContent = what;
        list.append(term, told);
      }
      dialog.append(list);
      document.body.append(dialog);
    }
    if (dialog.open) dialog.close(); else dialog.showModal();
  };

  const actions = {
    j: () => go(1),
    k: () => go(-1),
    o: () => { if (items.includes(document.activeElement)) document.activeElement.click(); },
    "/": () => search && search.focus(),
    "?": help,
  };

  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (typing && event.key === "Escape") event.target.blur();
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  });
})();
