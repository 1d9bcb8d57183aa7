// Asks the server what there is to play, without a player.

import { codecFamily } from "./format.js";

const TIMEOUT_MS = 15_000; // the server may hold a request for a stream that is starting for 10 s
const SEGMENTS_TO_START = 2; // a player that starts on one segment runs dry before the second is there

/**
 * Looks at a stream once.
 *
 * Resolves to { kind, ... }:
 *   live      codecs: Set of families on offer, edge: media sequence number after the newest segment
 *   ended     the playlist is closed
 *   missing   no such stream
 *   starting  there is a publisher, the first segments are not there yet; retryMs
 *   refused   status: the server will not let this viewer in
 *   offline   the server does not answer
 */
export async function probe(base, signal) {
  try {
    const master = await get(`${base}master.m3u8`, signal);
    if (!master.ok) return refusal(master);
    const text = await master.text();
    const variants = [...text.matchAll(/^#EXT-X-STREAM-INF:(.*)\r?\n(?:#.*\r?\n)*([^#\r\n]+)/gm)];
    if (variants.length === 0) return { kind: "starting", retryMs: 1000 };
    const codecs = new Set();
    for (const [, attributes] of variants) {
      const list = /CODECS="([^"]*)"/.exec(attributes);
      for (const codec of list ? list[1].split(",") : []) {
        const family = codecFamily(codec.trim());
        if (family) codecs.add(family);
      }
    }
    const media = await get(new URL(variants[0][2].trim(), master.url), signal);
    if (!media.ok) return refusal(media);
    const playlist = await media.text();
    if (/^#EXT-X-ENDLIST/m.test(playlist)) return { kind: "ended" };
    const first = /^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(playlist);
    const segments = (playlist.match(/^#EXTINF:/gm) || []).length;
    if (segments < SEGMENTS_TO_START) return { kind: "starting", retryMs: 1000 };
    return { kind: "live", codecs, edge: (first ? Number(first[1]) : 0) + segments };
  } catch (error) {
    if (signal.aborted) throw error;
    return { kind: "offline" };
  }
}

function refusal(response) {
  if (response.status === 404 || response.status === 410) return { kind: "missing" };
  if (response.status === 401 || response.status === 403) return { kind: "refused", status: response.status };
  if (response.status === 503 || response.status === 425) {
    const after = Number(response.headers.get("Retry-After"));
    return { kind: "starting", retryMs: after > 0 ? Math.min(after, 10) * 1000 : 1000 };
  }
  return { kind: "offline" };
}

function get(url, signal) {
  const request = new AbortController();
  const timer = setTimeout(() => request.abort(), TIMEOUT_MS);
  const abort = () => request.abort();
  signal.addEventListener("abort", abort, { once: true });
  return fetch(url, { cache: "no-store", signal: request.signal }).finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  });
}

/** Milliseconds to add to this machine's clock to get the server's; 0 when the server does not say. */
export async function clockOffsetMs() {
  try {
    const sentMs = Date.now();
    const response = await fetch("/time", { cache: "no-store" });
    const receivedMs = Date.now();
    const serverMs = response.ok ? Date.parse((await response.text()).trim()) : NaN;
    return Number.isFinite(serverMs) ? serverMs - (sentMs + receivedMs) / 2 : 0;
  } catch {
    return 0;
  }
}
