// Subtitles and captions: what the stream has, what the viewer wants, and the menu of both. The tracks are the video's own
// text tracks, whoever makes them (hls.js, or the browser); a choice is kept by kind and language over a new player.

import { element } from "./format.js";

const SHOWABLE = ["subtitles", "captions"];

export class CaptionsMenu {
  #video;
  #menu;
  #button;
  #wanted = null;

  constructor(video, menu, button) {
    this.#video = video;
    this.#menu = menu;
    this.#button = button;
    const { textTracks } = video;
    for (const type of ["addtrack", "removetrack", "change"]) textTracks.addEventListener(type, () => this.#changed());
    button.addEventListener("click", () => this.toggle());
    menu.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("pointerdown", (event) => {
      if (this.open && !menu.contains(event.target) && !button.contains(event.target)) this.close();
    });
    this.#changed();
  }

  get open() {
    return !this.#menu.hidden;
  }

  /** The tracks that a viewer may choose. One that a player has emptied and let go of stays in the list of the video, disabled. */
  get tracks() {
    return [...this.#video.textTracks].filter((track) => SHOWABLE.includes(track.kind));
  }

  get shown() {
    return this.tracks.find((track) => track.mode === "showing") || null;
  }

  /** Shows a track; null shows none. */
  choose(track) {
    this.#wanted = track && key(track);
    for (const each of this.tracks) {
      const mode = each === track ? "showing" : "disabled";
      if (each.mode !== mode) each.mode = mode;
    }
  }

  /** Off, or on with what was shown last; where there is a choice, the menu. */
  toggle() {
    if (this.open) {
      this.close();
      return;
    }
    const { tracks } = this;
    if (tracks.length === 0) return;
    if (tracks.length === 1) {
      this.choose(this.shown ? null : tracks[0]);
      return;
    }
    this.#fill();
    this.#menu.hidden = false;
    this.#button.setAttribute("aria-expanded", "true");
    this.#menu.querySelector('[aria-checked="true"]').focus();
  }

  close() {
    if (!this.open) return;
    const inside = this.#menu.contains(document.activeElement);
    this.#menu.hidden = true;
    this.#button.setAttribute("aria-expanded", "false");
    if (inside) this.#button.focus();
  }

  #changed() {
    const { tracks, shown } = this;
    this.#button.hidden = tracks.length === 0;
    this.#button.setAttribute("aria-pressed", String(shown !== null));
    this.#button.setAttribute("aria-label", shown ? "Subtitles on" : "Subtitles off");
    if (shown === null && this.#wanted) {
      const again = tracks.find((track) => key(track) === this.#wanted);
      if (again) again.mode = "showing";
    }
    if (this.open) this.#fill();
  }

  #fill() {
    const { shown } = this;
    const items = [[null, "Off"], ...this.tracks.map((track) => [track, name(track)])].map(([track, label]) => {
      const item = element("button", { type: "button", role: "menuitemradio", "aria-checked": String(track === shown), tabindex: "-1" }, label);
      item.addEventListener("click", () => {
        this.choose(track);
        this.close();
      });
      return item;
    });
    this.#menu.replaceChildren(element("h3", {}, "Subtitles"), ...items);
  }

  #key(event) {
    const items = [...this.#menu.querySelectorAll('[role="menuitemradio"]')];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) items[(to + items.length) % items.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") this.close();
    else return;
    event.stopPropagation();
    if (event.key !== "Tab") event.preventDefault();
  }
}

function key(track) {
  return `${track.kind} ${track.language} ${track.label}`;
}

function name(track) {
  const text = track.label || track.language || "Subtitles";
  return track.kind === "captions" ? `${text} (captions)` : text;
}
