// The players under test, each behind { errors, warnings, rungs(), use(rung), active(), latency() }.
// With texts, the first text track is shown from the start, and date() says when the picture on display was made.
// A rung is { id, height, codec } with codec as in the playlist or manifest.

const FAMILIES = { h264: /^avc[13]/, av1: /^av01/ };
const inFamily = (family, codec) => family === "auto" || !codec || FAMILIES[family].test(codec);
const videoCodec = (codecs) => (codecs || "").split(",").map((codec) => codec.trim()).find((codec) => /^(avc|av01|vp09|hvc|hev)/.test(codec)) || "";

async function library(name) {
  await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `/lib/${name}`;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`no library ${name}`));
    document.head.append(script);
  });
}

/** Where media time begins on the wall clock, by the manifest: what players make of it may be late, or clamped. */
async function availabilityStartMs(url) {
  const manifest = await (await fetch(url)).text();
  return Date.parse(/availabilityStartTime="([^"]+)"/.exec(manifest)[1]);
}

async function hls(video, url, family, lowLatencyMode, license, texts) {
  await library("hls.js");
  const errors = [];
  const warnings = [];
  const drm = license ? { emeEnabled: true, drmSystems: { "org.w3.clearkey": { licenseUrl: license } } } : {};
  const player = new Hls({ ...drm, enableWorker: false, lowLatencyMode, ...(lowLatencyMode ? { maxLiveSyncPlaybackRate: 1.5 } : {}), videoPreference: family === "auto" ? undefined : { videoCodec: family === "av1" ? "av01" : "avc1" } });
  player.on(Hls.Events.ERROR, (_, data) => {
    const text = `${data.type} ${data.details} ${data.reason || ""} ${data.response ? data.response.code : ""}`.trim();
    (data.fatal ? errors : warnings).push(text);
    // What a page does that means to go on (hls.js API, "Fatal Error Recovery").
    if (data.fatal && data.type === Hls.ErrorTypes.MEDIA_ERROR) player.recoverMediaError();
  });
  player.on(Hls.Events.MANIFEST_PARSED, () => {
    for (let i = player.levels.length - 1; i >= 0; i--) {
      if (!inFamily(family, player.levels[i].videoCodec)) player.removeLevel(i);
    }
  });
  if (texts) video.addEventListener("playing", () => { video.textTracks[0].mode = "showing"; }, { once: true }); // as a menu does
  player.loadSource(url);
  player.attachMedia(video);
  const rung = (level, id) => ({ id, height: level.height, codec: level.videoCodec || "" });
  return {
    errors, warnings,
    rungs: () => player.levels.map(rung),
    use: ({ id }) => { player.nextLevel = id; },
    active: () => (player.currentLevel >= 0 ? rung(player.levels[player.currentLevel], player.currentLevel) : null),
    latency: () => (player.playingDate ? (Date.now() - player.playingDate) / 1000 : player.latency),
    date: () => (player.playingDate ? player.playingDate.getTime() : NaN),
  };
}

async function shaka_(video, url, family, lowLatencyMode, license, texts) {
  await library("shaka.js");
  shaka.polyfill.installAll();
  const errors = [];
  const warnings = [];
  const player = new shaka.Player();
  await player.attach(video);
  player.addEventListener("error", ({ detail }) => {
    const text = `shaka ${detail.code} ${detail.category} ${JSON.stringify(detail.data || []).slice(0, 300)}`;
    (detail.severity === shaka.util.Error.Severity.CRITICAL ? errors : warnings).push(text);
  });
  const preferred = { h264: ["avc1", "avc3"], av1: ["av01"], auto: [] }[family];
  player.configure({ preferredVideo: preferred.map((codec) => ({ codec })), streaming: { lowLatencyMode, retryParameters: { maxAttempts: 6 } } });
  // The delay that manifests suggest is for players that wait for whole segments; the correction of drift takes a
  // segment that is announced when it begins for one that has ended, and runs ahead of what there is (docs/operating.md).
  // What it holds its latency to is counted from where that delay would have it be.
  if (lowLatencyMode) {
    player.configure({
      manifest: { defaultPresentationDelay: 0.8, dash: { ignoreSuggestedPresentationDelay: true, autoCorrectDrift: false } },
      streaming: { liveSync: { enabled: true, targetLatency: 0.05, targetLatencyTolerance: 0.05 } },
    });
  }
  if (license) player.configure({ drm: { servers: { "org.w3.clearkey": license } } });
  try {
    await player.load(url);
  } catch (error) {
    errors.push(`shaka load ${error.code} ${JSON.stringify(error.data || String(error)).slice(0, 300)}`);
  }
  if (texts) player.selectTextTrack(player.getTextTracks()[0]);
  const zeroMs = texts ? await availabilityStartMs(url) : NaN;
  const tracks = () => player.getVariantTracks().filter((track) => inFamily(family, track.videoCodec));
  const rung = (track) => ({ id: track.id, height: track.height, codec: track.videoCodec || "" });
  return {
    errors, warnings,
    rungs: () => tracks().map(rung),
    use: ({ id }) => {
      player.configure({ abr: { enabled: false } });
      player.selectVariantTrack(tracks().find((track) => track.id === id), true, 4);
    },
    active: () => player.getVariantTracks().filter((track) => track.active).map(rung)[0] || null,
    latency: () => {
      const date = player.getPlayheadTimeAsDate();
      return date ? (Date.now() - date) / 1000 : NaN;
    },
    date: () => zeroMs + video.currentTime * 1000,
  };
}

async function dash(video, url, family, lowLatency, license, texts) {
  await library("dash.js");
  const errors = [];
  const warnings = [];
  const player = dashjs.MediaPlayer().create();
  player.updateSettings({
    streaming: {
      utcSynchronization: { enabled: false },
      abr: { autoSwitchBitrate: { video: true } },
      // Low latency is what the manifest's ServiceDescription asks for; without, dash.js keeps its usual distance.
      delay: { applyServiceDescription: lowLatency },
      liveCatchup: { enabled: lowLatency },
    },
    debug: { logLevel: dashjs.Debug.LOG_LEVEL_NONE },
  });
  player.registerCustomCapabilitiesFilter((representation) => {
    const codec = videoCodec(representation.codecs);
    return !codec || inFamily(family, codec);
  });
  player.on(dashjs.MediaPlayer.events.ERROR, ({ error }) => errors.push(`dash ${error.code || error} ${error.message || ""}`));
  player.on(dashjs.MediaPlayer.events.PLAYBACK_ERROR, ({ error }) => errors.push(`dash playback ${error && error.message}`));
  player.initialize(video, undefined, true);
  if (license) player.setProtectionData({ "org.w3.clearkey": { serverURL: license } });
  if (texts) {
    player.setInitialMediaSettingsFor("text", { lang: "en" });
    player.enableText(true);
  }
  const zeroMs = texts ? await availabilityStartMs(url) : NaN;
  player.attachSource(url);
  const list = () => player.getRepresentationsByType("video") || [];
  const rung = (representation) => ({ id: representation.id, height: representation.height, codec: videoCodec(representation.codecs) });
  return {
    errors, warnings,
    rungs: () => list().map(rung),
    use: ({ id }) => {
      player.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: false } } } });
      // Asked for another rung of a period that it has fetched to its end, dash.js drops what it has begun to fetch of
      // the next one, and asks for that from time 0 on until its place has left the window.
      if (!player.getActiveStream().getHasFinishedBuffering()) player.setRepresentationForTypeById("video", id, false);
    },
    active: () => {
      const current = player.getCurrentRepresentationForType("video");
      return current ? rung(current) : null;
    },
    latency: () => player.getCurrentLiveLatency(),
    date: () => zeroMs + video.currentTime * 1000,
  };
}

/** The player page of the server: switched as a viewer does, through its menu. */
function watch() {
  const { millrace } = window;
  return {
    get errors() { return []; },
    get warnings() { return millrace.errors; },
    rungs: () => millrace.rungs.map(({ id, height, codec }) => ({ id, height, codec })),
    use: ({ id }) => {
      document.getElementById("quality").click();
      document.querySelector(`[data-rung="${id}"]`).click();
    },
    active: () => (millrace.level >= 0 ? { id: millrace.level, height: millrace.height, codec: millrace.codec } : null),
    latency: () => millrace.latency,
    page: () => ({ state: millrace.state, stalls: millrace.stalls, starts: millrace.starts }),
  };
}

/** Makes window.driver for a kind of player. Called through the browser's debugger, so no page needs a looser policy. */
window.drive = async (kind, url, family, lowLatency, license, texts) => {
  const video = document.querySelector("video");
  const make = { hls, shaka: shaka_, dash, watch }[kind];
  window.driver = await make(video, url, family, lowLatency, license, texts);
  // dash.js starts by itself, and loses its way when somebody else does it before it has a source.
  if (kind === "hls" || kind === "shaka") video.play().catch((error) => window.driver.warnings.push(`play: ${error.message}`));
};
