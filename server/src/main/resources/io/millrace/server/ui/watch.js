// The player page: joins the session, the picture, the controls and the figures.

import { CaptionsMenu } from "./captions.js";
import { QualityMenu } from "./menu.js";
import { AUTO } from "./player.js";
import { Session } from "./session.js";
import { showPublish } from "./publish.js";
import { bitrate, codecName, element, frameRate, seconds, sizeName } from "./format.js";

const IDLE_MS = 2800;
const $ = (id) => document.getElementById(id);
const { body } = document;
const video = $("video");
const stage = $("stage");

const stream = streamOf(location.pathname);
const asked = new URLSearchParams(location.search).get("codec");
const session = new Session(video, stream, ["h264", "av1"].includes(asked) ? asked : "auto");
const menu = new QualityMenu($("quality-menu"), $("quality"), session);
const captions = new CaptionsMenu(video, $("captions-menu"), $("captions"));

/** /watch/NAME is live/NAME, /watch/APP/NAME any other; ?token= goes in front, where relative addresses keep it. */
function streamOf(path) {
  const parts = path.split("/").filter(Boolean).slice(1).map(decode);
  const name = parts.length > 1 ? parts.slice(1).join("/") : parts[0] || "";
  const app = parts.length > 1 ? parts[0] : "live";
  const encoded = [app, ...name.split("/")].map(encodeURIComponent).join("/");
  const token = new URLSearchParams(location.search).get("token");
  return { app, name, base: token ? `/t/${encodeURIComponent(token)}/${encoded}/` : `/${encoded}/` };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const NOTICES = {
  waiting: ["waiting", "Not live yet", () => `Nobody is publishing to ${stream.app}/${stream.name} right now. It starts here by itself as soon as somebody does.`],
  starting: ["waiting", "About to start", () => "The publisher is connected; the first seconds are being prepared."],
  interrupted: ["waiting", "Signal lost", () => "The publisher has stopped sending. The picture comes back by itself when the signal does."],
  ended: ["ended", "The broadcast has ended", () => "It starts again here by itself when the publisher comes back."],
  offline: ["problem", "The server does not answer", () => "Still trying. Look at your network connection, or whether the server is being restarted."],
  refused: ["problem", "You may not watch this stream", () => "The server asks for a playback token that this address does not carry, or it is no longer valid."],
  unsupported: ["problem", "This browser cannot play the stream", () => "It has neither Media Source Extensions nor HLS of its own. A current Chrome, Edge, Firefox or Safari plays it; so does VLC with the HLS address below."],
};

function showState() {
  const { state } = session;
  body.dataset.state = state;
  const notice = NOTICES[state];
  toggle("notice", notice ? notice[0] : null);
  if (notice) {
    $("notice-title").textContent = notice[1];
    $("notice-text").textContent = notice[2]();
  }
  toggle("busy", ["loading", "buffering"].includes(state) ? "" : null);
  if (["waiting", "ended", "unsupported", "refused"].includes(state)) toggle("picture", null);
  if (state === "waiting" || state === "ended") showPublish($("publish"), stream.app, stream.name);
  else $("publish").hidden = true;
  $("big-play").hidden = !(session.autoplayBlocked || state === "paused");
  document.title = `${state === "playing" ? "● " : ""}${stream.name} · Millrace`;
  showMedia();
}

function toggle(name, value) {
  if (value === null) delete body.dataset[name];
  else body.dataset[name] = value;
}

function showMedia() {
  toggle("paused", video.paused ? "" : null);
  toggle("muted", video.muted || video.volume === 0 ? "" : null);
  $("play").setAttribute("aria-label", video.paused ? "Play" : "Pause");
  $("mute").setAttribute("aria-label", video.muted ? "Unmute" : "Mute");
  $("volume").value = video.muted ? 0 : video.volume;
  $("unmute").hidden = !(video.muted && !unmutedOnce && body.dataset.picture !== undefined && !body.dataset.notice);
}

let unmutedOnce = false;

function showFigures() {
  const player = session.player;
  toggle("edge", session.atEdge ? "" : null);
  $("live-text").textContent = session.atEdge || !player ? "LIVE" : "GO LIVE";
  $("live").setAttribute("aria-label", session.atEdge ? "At the live edge" : "Go to the live edge");
  if (!player) return;
  const { active } = player;
  const auto = player.chosen === AUTO;
  $("quality-text").textContent = active ? `${auto ? "Auto · " : ""}${sizeName(active)}` : "Auto";
  if (active) {
    const size = active.width ? `${active.width}×${active.height}` : sizeName(active);
    const chips = active.codec ? [element("span", { class: `chip ${active.codec}` }, codecName(active.codec)), " "] : [];
    const rate = [frameRate(active.frameRate), active.bitrateBps > 0 ? bitrate(active.bitrateBps) : ""].filter(Boolean).join(" · ");
    $("stat-rung").replaceChildren(...chips, size, " ", element("span", { class: "unit" }, rate));
  }
  $("stat-latency").textContent = seconds(session.latencySeconds);
  $("stat-buffer").textContent = seconds(session.bufferSeconds);
  $("stat-bandwidth").textContent = bitrate(player.bandwidthBps);
  const { droppedVideoFrames: dropped, totalVideoFrames: total } = frames();
  const share = total > 0 && dropped > 0 ? ` ${((100 * dropped) / total).toFixed(1)} %` : "";
  $("stat-dropped").replaceChildren(String(dropped), element("span", { class: "unit" }, share));
}

function frames() {
  return video.getVideoPlaybackQuality ? video.getVideoPlaybackQuality() : { droppedVideoFrames: 0, totalVideoFrames: 0 };
}

// Controls

function playOrPause() {
  if (video.paused) session.play();
  else session.pause();
}

function setMuted(muted) {
  video.muted = muted;
  if (!muted) {
    unmutedOnce = true;
    if (video.volume === 0) video.volume = 1;
  }
}

function setVolume(volume) {
  video.volume = Math.min(1, Math.max(0, volume));
  setMuted(video.volume === 0);
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (stage.requestFullscreen) stage.requestFullscreen().catch(() => {});
  else if (video.webkitEnterFullscreen) video.webkitEnterFullscreen();
}

const KEYS = {
  k: playOrPause,
  " ": playOrPause,
  m: () => setMuted(!video.muted),
  l: () => session.goLive(),
  f: fullScreen,
  q: () => menu.toggle(),
  c: () => captions.toggle(),
  ArrowUp: () => setVolume((video.muted ? 0 : video.volume) + 0.05),
  ArrowDown: () => setVolume((video.muted ? 0 : video.volume) - 0.05),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || body.dataset.picture === undefined) return;
  const onControl = event.target.closest("button, input, a, code");
  if (onControl && (event.key === " " || event.key.startsWith("Arrow"))) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  awake();
  act();
});

$("play").addEventListener("click", playOrPause);
$("big-play").addEventListener("click", () => session.play());
$("unmute").addEventListener("click", () => setMuted(false));
$("mute").addEventListener("click", () => setMuted(!video.muted));
$("volume").addEventListener("input", (event) => setVolume(Number(event.target.value)));
$("live").addEventListener("click", () => session.goLive());
$("fullscreen").addEventListener("click", fullScreen);
if (document.pictureInPictureEnabled) {
  $("pip").hidden = false;
  $("pip").addEventListener("click", () => {
    if (document.pictureInPictureElement) document.exitPictureInPicture();
    else video.requestPictureInPicture().catch(() => {});
  });
}
video.addEventListener("click", () => {
  if (menu.open || captions.open) return;
  if (matchMedia("(hover: none)").matches) awake();
  else playOrPause();
});
video.addEventListener("dblclick", fullScreen);

// The controls step back while nothing moves

let idleTimer = 0;

function awake() {
  stage.classList.remove("idle");
  clearTimeout(idleTimer);
  idleTimer = setTimeout(() => {
    if (!video.paused && !menu.open && !captions.open) stage.classList.add("idle");
  }, IDLE_MS);
}

for (const type of ["pointermove", "pointerdown", "focusin"]) stage.addEventListener(type, awake);
stage.addEventListener("pointerleave", () => !video.paused && !menu.open && !captions.open && stage.classList.add("idle"));

// The stage takes the picture's shape; an upright one stands between bars

function showShape() {
  if (!video.videoWidth) return;
  const ratio = Math.max(video.videoWidth / video.videoHeight, 4 / 3);
  stage.style.setProperty("--ratio", ratio.toFixed(4));
}

video.addEventListener("resize", showShape);
video.addEventListener("loadeddata", () => {
  toggle("picture", "");
  showShape();
  awake();
});
for (const type of ["play", "pause", "volumechange", "loadeddata"]) video.addEventListener(type, showMedia);

session.addEventListener("change", showState);
session.addEventListener("rungs", showFigures);
session.addEventListener("tick", showFigures);

$("stream-name").replaceChildren(`${stream.app} / `, element("b", {}, stream.name));
$("link-hls").href = `${stream.base}master.m3u8`;
$("link-dash").href = `${stream.base}manifest.mpd`;

/** What a test or a support person may read; nothing here changes the player. */
Object.defineProperty(window, "millrace", {
  value: Object.freeze({
    get state() { return session.state; },
    get stream() { return `${stream.app}/${stream.name}`; },
    get currentTime() { return video.currentTime; },
    get latency() { return session.latencySeconds; },
    get buffer() { return session.bufferSeconds; },
    get level() { return session.player && session.player.active ? session.player.active.id : AUTO; },
    get height() { return session.player && session.player.active ? session.player.active.height : 0; },
    get codec() { return session.player && session.player.active ? session.player.active.codec : ""; },
    get rungs() { return session.player ? session.player.rungs.map((rung) => Object.freeze(rung)) : []; },
    get subtitles() { return captions.tracks.map(({ kind, language, label, mode }) => Object.freeze({ kind, language, label, mode })); },
    get auto() { return !session.player || session.player.chosen === AUTO; },
    get bandwidth() { return session.player ? session.player.bandwidthBps : NaN; },
    get droppedFrames() { return frames().droppedVideoFrames; },
    get decodedFrames() { return frames().totalVideoFrames; },
    get stalls() { return session.stalls; },
    get longestStallMs() { return session.longestStallMs; },
    get starts() { return session.restarts; },
    get errors() { return [...session.errors]; },
  }),
});

showState();
awake();
session.start();
