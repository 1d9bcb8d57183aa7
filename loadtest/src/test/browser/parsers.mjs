// Reads playlists and manifests with parsers that others have written, and says what they found in words that the tests
// find for themselves, one fact a line. One process for many documents:
//
//   node parsers.mjs --modules DIR
//   in:  {"kind": "master" | "media" | "mpd", "uri": "https://…", "text": "…"}             one a line
//   out: {"hls-parser": {"speaks": ["target", …], "facts": ["target 2", …]}, "m3u8-parser": …}  one a line
//
// "speaks": what a parser knows of; the first word of a fact. A parser that refuses a document says {"error": "…"}.

import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({ options: { modules: { type: "string" } } });
const require = createRequire(join(resolve(options.modules), "harness.cjs"));
const HLS = require("hls-parser");
const { Parser } = require("m3u8-parser");
const MPD = require("mpd-parser");

// Half a microsecond more or less is a matter of binary fractions: the same nudge is on the other side.
const seconds = (value) => (Number(value) + 1e-9).toFixed(6);
const absolute = (at, uri) => new URL(at, uri).href;
const flag = (on, name) => (on ? ` ${name}` : "");

// Where hls-parser asks for more than RFC 8216bis: §6.2.2 counts three target durations, not three segments with the open
// one among them; §4.4.5.1 forbids an overlap beside END-ON-NEXT only.
const TOO_STRICT = /EXT-X-PART tags from the Playlist after|DATERANGE tags with the same CLASS/;

function strictly(text) {
  HLS.setOptions({ strictMode: true, silent: true });
  try {
    return HLS.parse(text);
  } catch (error) {
    if (!TOO_STRICT.test(error.message)) throw error;
    HLS.setOptions({ strictMode: false, silent: true });
    return HLS.parse(text);
  }
}

const hlsParser = {
  master(uri, text) {
    const facts = [];
    for (const it of strictly(text).variants) {
      const { width, height } = it.resolution ?? { width: 0, height: 0 };
      facts.push(`variant ${absolute(it.uri, uri)} ${it.bandwidth} ${it.averageBandwidth} ${it.codecs} ${width}x${height}`);
      for (const other of [...it.audio, ...it.subtitles]) {
        if (other.uri) facts.push(`rendition ${other.type} ${other.groupId} ${other.name} ${absolute(other.uri, uri)}`);
      }
    }
    return { speaks: ["variant", "rendition"], facts: [...new Set(facts)] };
  },
  media(uri, text) {
    const list = strictly(text);
    const control = list.lowLatencyCompatibility;
    const facts = [
      `sequence ${list.mediaSequenceBase}`, `target ${list.targetDuration}`, `ended ${list.endlist}`,
      `discontinuities ${list.discontinuitySequenceBase ?? 0}`, `skipped ${list.skip ?? 0}`,
    ];
    if (list.partTargetDuration) facts.push(`part-target ${seconds(list.partTargetDuration)}`);
    if (control) {
      facts.push(`control ${seconds(control.holdBack)} ${seconds(control.partHoldBack)} ${seconds(control.canSkipUntil)} ${control.canBlockReload}`);
    }
    for (const it of list.segments) {
      const at = it.mediaSequenceNumber;
      if (it.uri) facts.push(`segment ${at} ${absolute(it.uri, uri)} ${seconds(it.duration)}`);
      if (it.uri && it.programDateTime) facts.push(`date ${at} ${it.programDateTime.getTime()}`);
      if (it.uri && it.discontinuity) facts.push(`discontinuity ${at}`);
      if (it.uri && it.gap) facts.push(`gap ${at}`);
      it.parts.filter((part) => !part.hint).forEach((part, index) => facts.push(
        `part ${at}.${index} ${absolute(part.uri, uri)} ${seconds(part.duration)}${flag(part.independent, "independent")}${flag(part.gap, "gap")}`));
      it.parts.filter((part) => part.hint).forEach((part) => facts.push(`hint ${absolute(part.uri, uri)}`));
    }
    for (const hint of list.prefetchSegments ?? []) facts.push(`hint ${absolute(hint.uri, uri)}`);
    for (const it of list.renditionReports) facts.push(`report ${absolute(it.uri, uri)} ${it.lastMSN} ${it.lastPart ?? -1}`);
    const speaks = ["sequence", "target", "ended", "discontinuities", "skipped", "part-target", "control", "segment", "date", "discontinuity", "gap", "part", "hint", "report"];
    return { speaks, facts };
  },
};

function m3u8(uri, text) {
  const parser = new Parser({ uri });
  const warnings = [];
  parser.on("warn", ({ message }) => warnings.push(message));
  parser.push(text);
  parser.end();
  if (warnings.length > 0) throw new Error(warnings.join("; "));
  return parser.manifest;
}

const m3u8Parser = {
  master(uri, text) {
    const { playlists, mediaGroups } = m3u8(uri, text);
    const facts = playlists.map(({ uri: at, attributes: it }) => {
      const { width, height } = it.RESOLUTION ?? { width: 0, height: 0 };
      return `variant ${absolute(at, uri)} ${it.BANDWIDTH} ${it["AVERAGE-BANDWIDTH"]} ${it.CODECS} ${width}x${height}`;
    });
    for (const type of ["AUDIO", "SUBTITLES"]) {
      for (const [group, members] of Object.entries(mediaGroups[type])) {
        for (const [name, it] of Object.entries(members)) if (it.uri) facts.push(`rendition ${type} ${group} ${name} ${absolute(it.uri, uri)}`);
      }
    }
    return { speaks: ["variant", "rendition"], facts };
  },
  media(uri, text) {
    const list = m3u8(uri, text);
    const skipped = list.skip ? list.skip.skippedSegments : 0;
    const facts = [`sequence ${list.mediaSequence}`, `target ${list.targetDuration}`, `ended ${!!list.endList}`, `skipped ${skipped}`];
    if (list.partTargetDuration) facts.push(`part-target ${seconds(list.partTargetDuration)}`);
    const control = list.serverControl;
    if (control) {
      facts.push(`control ${seconds(control.holdBack)} ${seconds(control.partHoldBack)} ${seconds(control.canSkipUntil)} ${control.canBlockReload}`);
    }
    const part = (at) => (it, index) => facts.push(
      `part ${at}.${index} ${absolute(it.uri, uri)} ${seconds(it.duration)}${flag(it.independent, "independent")}${flag(it.gap, "gap")}`);
    let at = list.mediaSequence + skipped;
    // It makes a hundredth of a second of none, which a gap may have.
    const none = [...text.matchAll(/^#EXTINF:([0-9.]+)/gm)].map(([, written]) => Number(written) === 0);
    for (const [index, it] of list.segments.entries()) {
      facts.push(`segment ${at} ${absolute(it.uri, uri)} ${seconds(none[index] && it.duration === 0.01 ? 0 : it.duration)}`);
      if (it.dateTimeString) facts.push(`date ${at} ${it.dateTimeObject.getTime()}`);
      if (it.discontinuity) facts.push(`discontinuity ${at}`);
      (it.parts ?? []).forEach(part(at));
      at++;
    }
    (list.preloadSegment?.parts ?? []).forEach(part(at));
    (list.preloadSegment?.preloadHints ?? []).forEach((it) => facts.push(`hint ${absolute(it.uri, uri)}`));
    (list.renditionReports ?? []).forEach((it) => facts.push(`report ${absolute(it.uri, uri)} ${it.lastMsn} ${it.lastPart ?? -1}`));
    return { speaks: ["sequence", "target", "ended", "skipped", "part-target", "control", "segment", "date", "discontinuity", "part", "hint", "report"], facts };
  },
};

const mpdParser = {
  mpd(uri, text) {
    const errors = [];
    const manifest = MPD.parse(text, { manifestUri: uri, eventHandler: ({ type, message }) => { if (type === "error") errors.push(message); } });
    if (errors.length > 0) throw new Error(errors.join("; "));
    const groups = ["AUDIO", "SUBTITLES"].flatMap((type) => Object.values(manifest.mediaGroups[type] ?? {}));
    const sets = [manifest.playlists, ...groups.flatMap((group) => Object.values(group).map((it) => it.playlists))];
    const facts = [];
    for (const { attributes: it, segments } of sets.flat()) {
      const { width, height } = it.RESOLUTION ?? { width: 0, height: 0 };
      facts.push(`representation ${it.NAME} ${it.CODECS} ${it.BANDWIDTH} ${width}x${height}`);
      for (const segment of segments) facts.push(`segment ${segment.resolvedUri} ${segment.map.resolvedUri} ${seconds(segment.duration)}`);
    }
    return { speaks: ["representation", "segment"], facts: [...new Set(facts)] };
  },
};

const PARSERS = {
  master: { "hls-parser": hlsParser.master, "m3u8-parser": m3u8Parser.master },
  media: { "hls-parser": hlsParser.media, "m3u8-parser": m3u8Parser.media },
  mpd: { "mpd-parser": mpdParser.mpd },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { kind, uri, text } = JSON.parse(line);
  const answer = {};
  for (const [name, read] of Object.entries(PARSERS[kind])) {
    try {
      answer[name] = read(uri, text);
    } catch (error) {
      answer[name] = { error: String(error.message ?? error) };
    }
  }
  console.log(JSON.stringify(answer));
}
