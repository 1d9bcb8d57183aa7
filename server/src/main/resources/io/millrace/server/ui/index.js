// Lists the live streams and keeps the list fresh.

import { showPublish } from "./publish.js";
import { ago, codecName, codecFamily, element, frameRate } from "./format.js";

const REFRESH_MS = 3000;
const REFRESH_HIDDEN_MS = 20_000;
const $ = (id) => document.getElementById(id);

async function refresh() {
  try {
    const response = await fetch("/streams.json", { cache: "no-store" });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const answer = await response.json();
    show(Array.isArray(answer) ? answer : answer.streams || []);
    $("problem").hidden = true;
  } catch {
    $("problem").textContent = "The server does not answer. The list may be out of date; still trying.";
    $("problem").hidden = false;
  }
}

function show(streams) {
  const list = $("streams");
  const focused = document.activeElement && document.activeElement.getAttribute("href");
  list.replaceChildren(...streams.map((stream) => element("li", {}, card(stream))));
  if (focused) {
    const again = [...list.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused);
    if (again) again.focus();
  }
  $("count").textContent = streams.length === 1 ? "1 stream" : `${streams.length} streams`;
  if (streams.length > 0) $("publish").hidden = true;
  else if ($("publish").hidden) {
    showPublish($("publish"), "live", "demo");
    $("publish-title").textContent = "Nothing is live. Publish something";
  }
}

function card(stream) {
  const path = stream.path || `${stream.app}/${stream.name}`;
  const [app, ...rest] = path.split("/");
  const name = rest.join("/");
  const encoded = rest.map(encodeURIComponent).join("/");
  const href = app === "live" && rest.length === 1 ? `/watch/${encoded}` : `/watch/${encodeURIComponent(app)}/${encoded}`;
  const source = stream.video || {};
  const facts = [
    source.width ? `${source.width}×${source.height}` : "audio only",
    frameRate(Number(source.frameRate || source.fps || 0)),
    stream.viewers > 0 ? `${stream.viewers} watching` : "",
  ];
  return element("a", { class: "card", href },
    element("div", { class: "top" }, element("span", { class: "tag" }, "LIVE"), element("span", { class: "spring" }), ago(Date.parse(stream.since), Date.now())),
    element("h2", {}, name, app === "live" ? "" : element("small", {}, ` ${app}`)),
    element("p", { class: "facts" }, facts.filter(Boolean).join(" · ")),
    element("div", { class: "chips" }, ...(stream.renditions || []).map(chip).filter(Boolean)));
}

function chip(rendition) {
  const codec = String(rendition.codec || "");
  const family = codecFamily(codec) || codec.toLowerCase().replace(/[^a-z0-9]/g, "");
  if (!rendition.height) return null;
  return element("span", { class: `chip ${family === "av1" ? "av1" : ""}` }, `${rendition.height}p ${codecName(family)}`);
}

async function keepFresh() {
  await refresh();
  setTimeout(keepFresh, document.hidden ? REFRESH_HIDDEN_MS : REFRESH_MS);
}

keepFresh();
