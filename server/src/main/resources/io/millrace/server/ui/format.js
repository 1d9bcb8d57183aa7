// Names and figures as a person reads them.

/** The family of an RFC 6381 codec string: "h264", "av1", "hevc", or "" when it is none of these. */
export function codecFamily(codec) {
  const type = (codec || "").slice(0, 4).toLowerCase();
  if (type === "avc1" || type === "avc3") return "h264";
  if (type === "av01") return "av1";
  if (type === "hvc1" || type === "hev1") return "hevc";
  return "";
}

const CODEC_NAMES = { h264: "H.264", av1: "AV1", hevc: "HEVC" };

export function codecName(family) {
  return CODEC_NAMES[family] || family || "unknown codec";
}

/** "720p", "720p60", "1080p50"; frame rates of 30 and below go without saying. */
export function sizeName(rung) {
  if (!rung.height) return "audio";
  const short = Math.min(rung.width || rung.height, rung.height);
  const fps = rung.frameRate > 31 ? String(Math.round(rung.frameRate)) : "";
  return `${short}p${fps}`;
}

/** "2.5 Mbit/s", "700 kbit/s" */
export function bitrate(bps) {
  if (!(bps > 0)) return "–";
  if (bps >= 9_950_000) return `${Math.round(bps / 1e6)} Mbit/s`;
  if (bps >= 995_000) return `${(bps / 1e6).toFixed(1)} Mbit/s`;
  return `${Math.round(bps / 1000)} kbit/s`;
}

export function frameRate(fps) {
  return fps > 0 ? `${Number(fps.toFixed(2))} fps` : "";
}

/** "6.2 s", "1 min 05 s" */
export function seconds(s) {
  if (!Number.isFinite(s)) return "–";
  if (s < 60) return `${Math.max(0, s).toFixed(1)} s`;
  const whole = Math.round(s);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** How long since an instant: "just now", "4 min", "2 h 05 min". */
export function ago(fromMs, nowMs) {
  const minutes = Math.floor((nowMs - fromMs) / 60_000);
  if (!Number.isFinite(minutes) || minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${String(minutes % 60).padStart(2, "0")} min` : `${Math.floor(hours / 24)} days`;
}

/** An element with text and classes; children may be strings. Text never becomes markup. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}
