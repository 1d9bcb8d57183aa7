// Plays a stream in a real Chromium and says how it went, as one line of JSON on standard output.
//
//   node play.mjs --player watch|hls|shaka|dash --url URL [--seconds 30] [--codec auto|h264|av1]
//                 [--switch-every SECONDS] [--start-within 20] [--until-stdin-closes] [--screenshot FILE] [--low-latency]
//                 [--modules DIR] [--chromium /usr/bin/chromium] [--insecure] [--license URL of a Clear Key server]
//                 [--texts] [--quic-spki HASH]
//
// --quic-spki has the stream's origin reached by HTTP/3 from the first request on; HASH names its certificate's key.
//
// --seconds counts from the first moving picture. A stream that never starts, stalls or fails is a result, not a
// failure of the harness: the exit code is 0 unless the harness itself broke. On standard error: "playing", once.

import { createReadStream, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    player: { type: "string" },
    url: { type: "string" },
    seconds: { type: "string", default: "30" },
    codec: { type: "string", default: "auto" },
    "switch-every": { type: "string", default: "0" },
    "start-within": { type: "string", default: "20" },
    "until-stdin-closes": { type: "boolean", default: false },
    screenshot: { type: "string" },
    modules: { type: "string", default: here },
    chromium: { type: "string", default: "/usr/bin/chromium" },
    license: { type: "string", default: "" },
    insecure: { type: "boolean", default: false },
    "low-latency": { type: "boolean", default: false },
    texts: { type: "boolean", default: false },
    "quic-spki": { type: "string", default: "" },
  },
});

const require = createRequire(join(resolve(options.modules), "harness.cjs"));
const { chromium } = require("playwright-core");

const PLAYERS = ["watch", "hls", "shaka", "dash"];
const CODECS = ["auto", "h264", "av1"];
if (!PLAYERS.includes(options.player) || !CODECS.includes(options.codec) || !options.url) {
  console.error("usage: see the head of play.mjs");
  process.exit(2);
}
const seconds = Number(options.seconds);
const switchEverySeconds = Number(options["switch-every"]);
const startWithinSeconds = Number(options["start-within"]);

const script = (name) => readFileSync(join(here, "page", name), "utf8");

/** The page of the hls.js, Shaka and dash.js players, on loopback: a player on another origin than the stream. */
async function servePage() {
  const modules = join(resolve(options.modules), "node_modules");
  const files = {
    "/": [join(here, "page/index.html"), "text/html; charset=utf-8"],
    "/lib/hls.js": [join(modules, "hls.js/dist/hls.min.js"), "text/javascript"],
    "/lib/shaka.js": [join(modules, "shaka-player/dist/shaka-player.compiled.js"), "text/javascript"],
    "/lib/dash.js": [join(modules, "dashjs/dist/modern/umd/dash.all.min.js"), "text/javascript"],
  };
  const server = createServer((request, response) => {
    const file = files[request.url];
    if (!file) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": file[1] });
    return createReadStream(file[0]).pipe(response);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return server;
}

function withCodec(url) {
  if (options.codec === "auto") return url;
  const asked = new URL(url);
  asked.searchParams.set("codec", options.codec);
  return asked.href;
}

const delay = (ms) => new Promise((done) => setTimeout(done, ms));

/** Samples the player twice a second: which rung, how late; switches when the plan says so. */
async function watchFor(page, result) {
  let stop = false;
  if (options["until-stdin-closes"]) process.stdin.resume().on("end", () => { stop = true; });
  const startedMs = Date.now();
  let playingMs = NaN;
  let switchedMs = NaN;
  for (;;) {
    const now = await page.evaluate(() => ({
      playing: meter.playing, active: driver.active(), latency: driver.latency(), rungs: driver.rungs(),
    }));
    const nowMs = Date.now();
    if (now.playing && Number.isNaN(playingMs)) {
      playingMs = switchedMs = nowMs;
      console.error("playing");
    }
    if (now.playing) note(result, now);
    if (stop || (Number.isNaN(playingMs) ? nowMs - startedMs > startWithinSeconds * 1000 : nowMs - playingMs >= seconds * 1000)) return;
    if (switchEverySeconds > 0 && nowMs - switchedMs >= switchEverySeconds * 1000 && now.rungs.length > 1) {
      switchedMs = nowMs;
      const at = now.rungs.findIndex((rung) => now.active && rung.id === now.active.id);
      const next = now.rungs[(at + 1) % now.rungs.length];
      result.switchesAsked++;
      await page.evaluate((rung) => driver.use(rung), next);
    }
    await delay(500);
  }
}

function note(result, { active, latency, rungs }) {
  result.rungs = rungs.map(({ height, codec }) => ({ height, codec }));
  if (active) {
    const last = result.levels.at(-1);
    if (!last || last.height !== active.height || last.codec !== active.codec) result.levels.push({ height: active.height, codec: active.codec });
  }
  if (Number.isFinite(latency)) {
    const series = [...(result.latencySeconds?.series ?? []), Math.round(latency * 100) / 100];
    // Where it settles: the median of the last third.
    const settled = series.slice(Math.floor((series.length * 2) / 3)).sort((a, b) => a - b);
    result.latencySeconds = { settled: settled[Math.floor(settled.length / 2)], min: Math.min(...series), max: Math.max(...series), series };
  }
}

/** The SPKI list stands for trust in the certificate: QUIC knows no exception that a user has made. */
function quicArguments() {
  const spki = options["quic-spki"];
  return spki ? [`--origin-to-force-quic-on=${new URL(options.url).host}`, `--ignore-certificate-errors-spki-list=${spki}`] : [];
}

async function main() {
  const server = options.player === "watch" ? null : await servePage();
  const browser = await chromium.launch({
    executablePath: options.chromium,
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-background-timer-throttling", "--mute-audio", ...quicArguments()],
  });
  const result = { player: options.player, url: options.url, codec: options.codec, browser: browser.version(), switchesAsked: 0, levels: [], rungs: [], latencySeconds: null };
  const pageErrors = [];
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: options.insecure, viewport: { width: 1100, height: 760 } });
    const page = await context.newPage();
    page.on("pageerror", (error) => pageErrors.push(`page: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy|Refused to/.test(message.text())) pageErrors.push(message.text());
    });
    await page.goto(server ? `http://127.0.0.1:${server.address().port}/` : withCodec(options.url));
    await page.evaluate(script("meter.js"));
    await page.evaluate(script("players.js"));
    await page.evaluate((args) => drive(...args), [options.player, withCodec(options.url), options.codec, options["low-latency"], options.license, options.texts]);
    await watchFor(page, result);
    if (options.screenshot) await page.screenshot({ path: options.screenshot });
    Object.assign(result, await page.evaluate(() => ({
      ...meter.read(driver.date ? driver.date() : NaN), errors: driver.errors.slice(0, 50), warnings: driver.warnings.slice(0, 50), page: driver.page ? driver.page() : null,
    })));
    result.errors.push(...result.videoErrors, ...pageErrors);
    delete result.videoErrors;
  } finally {
    await browser.close();
    if (server) server.close();
  }
  result.stallCount = result.stalls.length;
  result.longestStallMs = Math.max(0, ...result.stalls.map((stall) => Math.round(stall.ms)));
  console.log(JSON.stringify(result));
}

main().then(() => process.exit(0), (error) => {
  console.error(error.stack || String(error));
  process.exit(1);
});
