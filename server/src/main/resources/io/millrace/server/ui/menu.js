// The quality menu: codec, then Auto and every rung. Arrow keys move, Enter chooses, Escape closes.

import { AUTO } from "./player.js";
import { bitrate, codecName, element, sizeName } from "./format.js";

const CODECS = [["auto", "Auto"], ["h264", "H.264"], ["av1", "AV1"]];

export class QualityMenu {
  #menu;
  #button;
  #session;

  constructor(menu, button, session) {
    this.#menu = menu;
    this.#button = button;
    this.#session = session;
    button.addEventListener("click", () => this.toggle());
    menu.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("pointerdown", (event) => {
      if (this.open && !menu.contains(event.target) && !button.contains(event.target)) this.close();
    });
    session.addEventListener("rungs", () => this.open && this.#fill());
  }

  get open() {
    return !this.#menu.hidden;
  }

  toggle() {
    if (this.open) {
      this.close();
      return;
    }
    this.#fill();
    this.#menu.hidden = false;
    this.#button.setAttribute("aria-expanded", "true");
    (this.#menu.querySelector('[data-rung][aria-checked="true"]') || this.#items()[0]).focus();
  }

  close() {
    if (!this.open) return;
    const inside = this.#menu.contains(document.activeElement);
    this.#menu.hidden = true;
    this.#button.setAttribute("aria-expanded", "false");
    if (inside) this.#button.focus();
  }

  #items() {
    return [...this.#menu.querySelectorAll('[role="menuitemradio"]')];
  }

  #fill() {
    const session = this.#session;
    const player = session.player;
    const codecs = element("div", { class: "row", role: "group", "aria-label": "Codec" });
    for (const [codec, label] of CODECS) {
      const problem = codec === "av1" ? av1Problem(session) : "";
      const item = radio(session.codecChoice === codec, { "data-codec": codec, title: problem || undefined }, label);
      if (problem) item.setAttribute("aria-disabled", "true");
      else item.addEventListener("click", () => this.#pick(() => session.chooseCodec(codec)));
      codecs.append(item);
    }
    const rungs = element("div", { role: "group", "aria-label": "Quality" });
    const chosen = player ? player.chosen : AUTO;
    const auto = radio(chosen === AUTO, { "data-rung": AUTO }, element("span", { class: "size" }, "Auto"), element("span", { class: "rate" }, "fits your connection"));
    auto.addEventListener("click", () => this.#pick(() => session.choose(AUTO)));
    rungs.append(auto);
    for (const rung of player ? byQuality(player.rungs) : []) {
      const item = radio(chosen === rung.id, { "data-rung": rung.id },
        element("span", { class: "size" }, sizeName(rung)),
        element("span", { class: `chip ${rung.codec}` }, codecName(rung.codec)),
        element("span", { class: "rate" }, bitrate(rung.bitrateBps)));
      item.addEventListener("click", () => this.#pick(() => session.choose(rung.id)));
      rungs.append(item);
    }
    if (player && player.rungs.length === 0) rungs.append(element("p", {}, "This browser chooses the quality by itself."));
    this.#menu.replaceChildren(
      element("h3", { id: "codec-heading" }, "Codec"), codecs, element("h3", {}, "Quality"), rungs);
  }

  #pick(act) {
    act();
    this.close();
  }

  #key(event) {
    const items = this.#items();
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) items[(to + items.length) % items.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") this.close();
    else return;
    event.stopPropagation();
    if (event.key !== "Tab") event.preventDefault();
  }
}

function av1Problem(session) {
  if (session.av1 === "none") return "This browser does not play AV1";
  if (session.offered.size > 0 && !session.offered.has("av1")) return "This stream has no AV1 rung";
  return "";
}

function byQuality(rungs) {
  return [...rungs].sort((a, b) => b.height - a.height || b.frameRate - a.frameRate || b.bitrateBps - a.bitrateBps);
}

function radio(checked, attributes, ...children) {
  return element("button", { type: "button", role: "menuitemradio", "aria-checked": String(checked), tabindex: "-1", ...attributes }, ...children);
}
