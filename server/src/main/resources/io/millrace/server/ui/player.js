// One attempt to play one stream: through hls.js where the browser has Media Source Extensions, else natively.
//
// Both players have the same shape: rungs, active, chosen, choose(id), latencySeconds(offsetMs), targetSeconds,
// bandwidthBps, edge, goLive(), destroy(). They report through { ready(), fatal(reason), warning(reason), ended() }.

import { codecFamily } from "./format.js";

export const AUTO = -1;

const LOAD = (maxTimeToFirstByteMs, maxLoadTimeMs, retries) => ({
  default: {
    maxTimeToFirstByteMs,
    maxLoadTimeMs,
    timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: retries, retryDelayMs: 500, maxRetryDelayMs: 4000, backoff: "exponential" },
  },
});

const MAX_TARGETS_BEHIND = 10; // further behind, the player goes to the live edge; hls.js takes it only beside a count

const HLS_CONFIG = {
  enableWorker: false, // fMP4 passes through unchanged: a worker would cost a blob: URL and save nothing
  lowLatencyMode: true, // the distance to the live edge is what the playlist asks for; a count of segments would overrule it
  maxLiveSyncPlaybackRate: 1.05,
  liveSyncOnStallIncrease: 1,
  maxBufferLength: 20,
  backBufferLength: 30,
  maxBufferHole: 0.3,
  nudgeMaxRetry: 8,
  appendErrorMaxRetry: 4,
  capLevelToPlayerSize: false,
  manifestLoadPolicy: LOAD(15_000, 20_000, 3),
  playlistLoadPolicy: LOAD(10_000, 15_000, 4),
  fragLoadPolicy: LOAD(8_000, 30_000, 5),
};

/** True when the browser can play through hls.js. */
export function mseSupported() {
  return Boolean(globalThis.Hls && globalThis.Hls.isSupported());
}

export function nativeSupported(video) {
  return video.canPlayType("application/vnd.apple.mpegurl") !== "";
}

const AV1_TYPE = 'video/mp4; codecs="av01.0.05M.08"';

/** What the browser makes of AV1: "none", "able" (in software, or not known) or "efficient". */
export async function av1Support(video) {
  const source = globalThis.ManagedMediaSource || globalThis.MediaSource;
  const able = source ? source.isTypeSupported(AV1_TYPE) : video.canPlayType(AV1_TYPE) !== "";
  if (!able) return "none";
  try {
    const configuration = { contentType: AV1_TYPE, width: 1280, height: 720, bitrate: 1_500_000, framerate: 30 };
    const info = await navigator.mediaCapabilities.decodingInfo({ type: "media-source", video: configuration });
    if (!info.supported) return "none";
    return info.smooth && info.powerEfficient ? "efficient" : "able";
  } catch {
    return "able";
  }
}

/**
 * What to ask for: AV1 on request or, left to itself, where hardware decodes it; never where the browser cannot.
 * Returns { query, family }: the query of the master playlist and the family that automatic switching keeps to.
 */
export function codecPlan(choice, av1, offered) {
  const withAv1 = av1 !== "none" && (offered.has("av1") || offered.size === 0);
  const onlyAv1 = withAv1 && offered.size === 1;
  if (withAv1 && (choice === "av1" || onlyAv1 || (choice === "auto" && av1 === "efficient"))) {
    return { query: "?codec=av1", family: "av1" };
  }
  if (choice === "h264" || av1 === "none") return { query: "?codec=h264", family: "h264" };
  return { query: "", family: "h264" };
}

export class HlsPlayer {
  #hls;
  #video;
  #report;
  #recoveredAtMs = 0;
  #chosen = AUTO;

  constructor(video, url, plan, strict, report) {
    const Hls = globalThis.Hls;
    this.#video = video;
    this.#report = report;
    const preferred = plan.family === "av1" ? "av01" : "avc1";
    this.#hls = new Hls({ ...HLS_CONFIG, videoPreference: { videoCodec: preferred } });
    this.#hls.config.liveMaxLatencyDurationCount = MAX_TARGETS_BEHIND;
    this.#hls.on(Hls.Events.MANIFEST_PARSED, () => {
      if (strict) this.#keepOnly(plan.family);
      report.ready();
    });
    this.#hls.on(Hls.Events.ERROR, (_, data) => this.#failed(data));
    this.#hls.loadSource(url);
    this.#hls.attachMedia(video);
  }

  /** A viewer who picked a codec gets no other, unless there is no rung of it. */
  #keepOnly(family) {
    const isOther = (level) => codecFamily(level.videoCodec) !== family;
    if (this.#hls.levels.every(isOther)) return;
    for (let i = this.#hls.levels.length - 1; i >= 0; i--) {
      if (isOther(this.#hls.levels[i])) this.#hls.removeLevel(i);
    }
  }

  #failed(data) {
    const what = data.details + (data.response && data.response.code ? ` (${data.response.code})` : "");
    if (!data.fatal) {
      if (data.details !== "aborted") this.#report.warning(what); // a load of text that it has given up itself
      return;
    }
    const nowMs = performance.now();
    if (data.type === globalThis.Hls.ErrorTypes.MEDIA_ERROR && nowMs - this.#recoveredAtMs > 10_000) {
      this.#recoveredAtMs = nowMs;
      this.#report.warning(what);
      this.#hls.recoverMediaError();
      return;
    }
    this.#report.fatal(what);
  }

  get rungs() {
    return this.#hls.levels.map((level, id) => ({
      id,
      width: level.width,
      height: level.height,
      frameRate: level.frameRate || Number((level.attrs && level.attrs["FRAME-RATE"]) || 0),
      codec: codecFamily(level.videoCodec),
      bitrateBps: level.averageBitrate || level.bitrate,
    }));
  }

  get active() {
    const id = this.#hls.currentLevel;
    return id >= 0 ? this.rungs[id] || null : null;
  }

  get chosen() {
    return this.#chosen;
  }

  /** Switches at the next segment; AUTO gives the choice back to the player. */
  choose(id) {
    this.#chosen = id;
    this.#hls.nextLevel = id;
  }

  latencySeconds(offsetMs) {
    const shown = this.#hls.playingDate;
    if (shown) {
      const behind = (Date.now() + offsetMs - shown.getTime()) / 1000;
      if (behind > -5 && behind < 86_400) return Math.max(0, behind);
    }
    return this.#hls.latency > 0 ? this.#hls.latency : NaN;
  }

  /** How far behind the live edge this player means to be, and is. */
  get targetSeconds() {
    return this.#hls.targetLatency || 6;
  }

  get edgeDistanceSeconds() {
    return this.#hls.latency || 0;
  }

  get bandwidthBps() {
    return this.#hls.bandwidthEstimate;
  }

  /** The media sequence number after the newest segment that the player knows; NaN when it knows none. */
  get edge() {
    const details = this.#hls.latestLevelDetails;
    return details ? details.endSN + 1 : NaN;
  }

  goLive() {
    const position = this.#hls.liveSyncPosition;
    if (position !== null && Math.abs(position - this.#video.currentTime) > 0.5) this.#video.currentTime = position;
  }

  destroy() {
    this.#hls.destroy();
  }
}

export class NativePlayer {
  #video;
  #abort = new AbortController();
  rungs = [];
  chosen = AUTO;
  targetSeconds = 8;
  bandwidthBps = NaN;
  edge = NaN;

  constructor(video, url, report) {
    this.#video = video;
    const { signal } = this.#abort;
    video.addEventListener("loadedmetadata", () => report.ready(), { signal });
    video.addEventListener("error", () => report.fatal(video.error ? video.error.message || `code ${video.error.code}` : "error"), { signal });
    video.src = url;
  }

  get active() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    return height ? { id: 0, width, height, frameRate: 0, codec: "", bitrateBps: NaN } : null;
  }

  choose() {}

  latencySeconds(offsetMs) {
    const start = this.#video.getStartDate ? this.#video.getStartDate().getTime() : NaN;
    return (Date.now() + offsetMs - start) / 1000 - this.#video.currentTime;
  }

  get edgeDistanceSeconds() {
    const { seekable, currentTime } = this.#video;
    return seekable.length ? seekable.end(seekable.length - 1) - currentTime : 0;
  }

  goLive() {
    const { seekable } = this.#video;
    if (seekable.length) this.#video.currentTime = Math.max(0, seekable.end(seekable.length - 1) - this.targetSeconds);
  }

  destroy() {
    this.#abort.abort();
    this.#video.removeAttribute("src");
    this.#video.load();
  }
}
