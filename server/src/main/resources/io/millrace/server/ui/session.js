// Keeps one page playing one stream for as long as the page is open: waits for the stream, plays it, survives an
// outage of the publisher, the server and the player itself, and says at every moment what is going on.
//
//   loading ─► waiting ─► starting ─► playing ◄─► buffering ─► interrupted ─► playing …
//                 ▲                      │ (paused)                 │
//                 └────── ended ◄────────┴──────────────────────────┘      offline, refused, unsupported

import { probe, clockOffsetMs } from "./probe.js";
import { AUTO, HlsPlayer, NativePlayer, av1Support, codecPlan, mseSupported, nativeSupported } from "./player.js";

const TICK_MS = 250;
const STALL_MS = 600; // no progress for this long is a stall
const ASK_AFTER_MS = 3_000; // … and for this long makes the page ask the server
const ASK_EVERY_MS = 3_000;
const STUCK_MS = 8_000; // the server has newer segments and still no progress: start the player afresh
const RESTART_GAP_MS = 4_000;
const POLL_MS = 2_000;
const POLL_LATER_MS = 5_000;
const POLL_HIDDEN_MS = 15_000;
const ERRORS_KEPT = 50;

export class Session extends EventTarget {
  #video;
  #stream;
  #abort = new AbortController();
  #player = null;
  #giveUp = null;
  #ready = false;
  #state = "loading";
  #codec = "auto";
  #av1 = "none";
  #offered = new Set();
  #chosen = AUTO;
  #offsetMs = 0;
  #wake = null;

  #position = -1;
  #progressAtMs = 0;
  #stalled = false;
  #askedAtMs = 0;
  #asking = false;
  #restartedAtMs = -Infinity;
  #wantsToPlay = true;

  stalls = 0;
  longestStallMs = 0;
  restarts = 0;
  errors = [];
  autoplayBlocked = false;

  /** @param stream { app, name, base } where base is the path of its playlists, with a slash at the end */
  constructor(video, stream, codec) {
    super();
    this.#video = video;
    this.#stream = stream;
    this.#codec = codec;
  }

  get state() { return this.#state; }
  get player() { return this.#ready ? this.#player : null; }
  get codecChoice() { return this.#codec; }
  get offered() { return this.#offered; }
  get av1() { return this.#av1; }
  get latencySeconds() { return this.player ? this.player.latencySeconds(this.#offsetMs) : NaN; }

  /** Seconds of media ahead of the playhead. */
  get bufferSeconds() {
    const { buffered, currentTime } = this.#video;
    for (let i = 0; i < buffered.length; i++) {
      if (buffered.start(i) <= currentTime + 0.1 && currentTime < buffered.end(i)) return buffered.end(i) - currentTime;
    }
    return 0;
  }

  /** True while the playhead is about where this player means to be behind the live edge. */
  get atEdge() {
    const player = this.player;
    if (!player || this.#state === "interrupted" || this.#video.paused) return false;
    return player.edgeDistanceSeconds < player.targetSeconds + 5;
  }

  async start() {
    const { signal } = this.#abort;
    this.#video.addEventListener("ended", () => this.#end("ended"), { signal });
    addEventListener("online", () => this.#wakeUp(), { signal });
    document.addEventListener("visibilitychange", () => this.#wakeUp(), { signal });
    const timer = setInterval(() => this.#tick(), TICK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    if (!mseSupported() && !nativeSupported(this.#video)) {
      this.#become("unsupported");
      return;
    }
    [this.#av1, this.#offsetMs] = await Promise.all([av1Support(this.#video), clockOffsetMs()]);
    await this.#run().catch((error) => {
      if (!signal.aborted) throw error;
    });
  }

  close() {
    this.#abort.abort();
    this.#drop();
  }

  play() {
    this.#wantsToPlay = true;
    this.autoplayBlocked = false;
    return this.#tryPlay();
  }

  pause() {
    this.#wantsToPlay = false;
    this.#video.pause();
  }

  choose(id) {
    this.#chosen = id;
    if (this.player) this.player.choose(id);
  }

  chooseCodec(codec) {
    if (codec === this.#codec) return;
    this.#codec = codec;
    this.#chosen = AUTO;
    this.#end("codec");
  }

  goLive() {
    this.play();
    if (this.player) this.player.goLive();
  }

  async #run() {
    const { signal } = this.#abort;
    let reason = "";
    for (let polls = 0; !signal.aborted; polls++) {
      const seen = await probe(this.#stream.base, signal);
      if (seen.kind === "live") {
        polls = 0;
        this.#offered = seen.codecs;
        const gapMs = RESTART_GAP_MS - (performance.now() - this.#restartedAtMs);
        if (gapMs > 0 && reason !== "codec") await this.#rest(gapMs);
        reason = await this.#playUntilGivenUp();
        if (reason !== "codec" && reason !== "ended") this.#note(`player restarted: ${reason}`);
        continue;
      }
      if (this.#player && this.#progressing()) {
        await this.#rest(1000); // what is buffered is still worth watching
        continue;
      }
      if (seen.kind === "missing" || seen.kind === "ended" || seen.kind === "refused") this.#drop();
      const hadPicture = this.#state === "ended" || this.restarts > 0;
      this.#become(seen.kind === "missing" ? (hadPicture ? "ended" : "waiting") : seen.kind);
      await this.#rest(this.#pollDelayMs(seen, polls));
    }
  }

  #pollDelayMs(seen, polls) {
    if (seen.kind === "starting") return seen.retryMs;
    if (document.hidden) return POLL_HIDDEN_MS;
    const base = polls < 30 ? POLL_MS : POLL_LATER_MS;
    return base * (1 + Math.random() / 4); // viewers of one stream must not all ask at once
  }

  #playUntilGivenUp() {
    this.#drop();
    this.restarts++;
    this.#restartedAtMs = performance.now();
    this.#progressAtMs = performance.now();
    this.#position = -1;
    this.#stalled = true; // until the first frame moves; not counted
    if (this.#state !== "interrupted") this.#become("buffering");
    return new Promise((resolve) => {
      const end = (reason) => {
        if (this.#giveUp !== end) return;
        this.#giveUp = null;
        resolve(reason);
      };
      this.#giveUp = end;
      const report = {
        ready: () => this.#attached(),
        fatal: (what) => {
          this.#note(what);
          end(what);
        },
        warning: (what) => this.#note(what),
      };
      const plan = codecPlan(this.#codec, this.#av1, this.#offered);
      const url = `${this.#stream.base}master.m3u8${plan.query}`;
      this.#player = mseSupported()
        ? new HlsPlayer(this.#video, url, plan, this.#codec !== "auto", report)
        : new NativePlayer(this.#video, url, report);
    });
  }

  #attached() {
    this.#ready = true;
    if (this.#chosen !== AUTO && this.#player.rungs[this.#chosen]) this.#player.choose(this.#chosen);
    this.dispatchEvent(new Event("rungs"));
    if (this.#wantsToPlay) this.#tryPlay();
  }

  async #tryPlay() {
    try {
      await this.#video.play();
    } catch (error) {
      if (error.name !== "NotAllowedError") return; // a newer load or a pause took its place
      this.autoplayBlocked = true;
      this.dispatchEvent(new Event("change"));
    }
  }

  #end(reason) {
    if (this.#giveUp) this.#giveUp(reason);
    else this.#wakeUp();
  }

  #drop() {
    if (this.#player) this.#player.destroy();
    this.#player = null;
    this.#ready = false;
  }

  #progressing() {
    return performance.now() - this.#progressAtMs < STALL_MS;
  }

  #tick() {
    const nowMs = performance.now();
    const { currentTime, paused, seeking } = this.#video;
    if (this.#player && currentTime !== this.#position && !seeking) {
      const first = this.#position < 0;
      this.#position = currentTime;
      if (!first || currentTime === 0) this.#progressed(nowMs);
    }
    if (this.#giveUp) {
      if (paused && this.#ready && !this.#video.ended) {
        this.#progressAtMs = nowMs;
        this.#become("paused");
      } else {
        const stillMs = nowMs - this.#progressAtMs;
        if (stillMs >= STALL_MS) this.#standStill(nowMs, stillMs);
        else if (!this.#stalled) this.#become("playing");
      }
    }
    this.dispatchEvent(new Event("tick"));
  }

  #progressed(nowMs) {
    if (this.#stalled && this.stalls > 0 && this.#state !== "paused") {
      this.longestStallMs = Math.max(this.longestStallMs, nowMs - this.#progressAtMs);
    }
    this.#stalled = false;
    this.#progressAtMs = nowMs;
    this.autoplayBlocked = false;
  }

  #standStill(nowMs, stillMs) {
    if (!this.#stalled) {
      this.#stalled = true;
      this.stalls++;
    }
    if (this.#state !== "interrupted" && this.#state !== "offline") this.#become("buffering");
    if (stillMs < ASK_AFTER_MS || this.#asking || nowMs - this.#askedAtMs < ASK_EVERY_MS) return;
    this.#askedAtMs = nowMs;
    this.#ask(stillMs);
  }

  /** The picture stands still: is it the player, the publisher or the server? */
  async #ask(stillMs) {
    this.#asking = true;
    const asked = this.#player;
    const knownEdge = asked ? asked.edge : NaN;
    try {
      const seen = await probe(this.#stream.base, this.#abort.signal);
      if (!this.#giveUp || this.#player !== asked || this.#progressing()) return;
      if (seen.kind === "offline") {
        this.#become("offline");
      } else if (seen.kind !== "live") {
        this.#end(seen.kind);
      } else if (seen.edge < knownEdge) {
        this.#end("the stream began anew");
      } else if (seen.edge > knownEdge + 1 || Number.isNaN(knownEdge)) {
        if (stillMs > STUCK_MS) this.#end("stuck");
      } else if (this.bufferSeconds < 0.5) {
        this.#become("interrupted");
      } else if (stillMs > STUCK_MS) {
        this.#end("stuck");
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error;
    } finally {
      this.#asking = false;
    }
  }

  #become(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new Event("change"));
  }

  #note(what) {
    if (this.errors.length === ERRORS_KEPT) this.errors.shift();
    this.errors.push(what);
  }

  #rest(delayMs) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #wakeUp() {
    if (this.#wake) this.#wake();
  }
}
