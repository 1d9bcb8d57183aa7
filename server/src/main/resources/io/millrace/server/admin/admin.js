// Shows what /api/v1/streams says, every two seconds, and what /api/v1/events tells, as it comes.

const REFRESH_MS = 2000;
const SHOWN_EVENTS = 100;
const INPUTS = ["input", "on air", "from", "encoder", "since", "received", "round trip", "latency", "lost", "repaired", "never came"];
const PUSHES = ["pushed to", "state", "since", "sent", "dropped", "connections", "failures", "reason"];
const COLUMNS = ["rendition", "codec", "size", "bit rate", "segments", "missing", "encoder", "preset", "quality", "cores", "real time", "dropped"];

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function row(tag, cells) {
  const made = element("tr");
  made.append(...cells.map((cell) => (cell instanceof Node ? cell : element(tag, cell))));
  return made;
}

function rate(bitsPerSecond) {
  return bitsPerSecond > 0 ? `${(bitsPerSecond / 1e6).toFixed(2)} Mbit/s` : "–";
}

// The preset of the moment, which overload may have made faster.
function preset(encoder) {
  if (!encoder || !encoder.preset) return "–";
  return encoder.halfRate ? `${encoder.preset}, half rate` : encoder.preset;
}

// What a rung with a quality target encodes with, and what its last sample came to.
function quality(encoder) {
  if (!encoder || encoder.crf === undefined) return "–";
  return encoder.vmaf === undefined ? `crf ${encoder.crf}` : `crf ${encoder.crf}, VMAF ${encoder.vmaf.toFixed(1)}`;
}

function rendition(info) {
  const encoder = info.encoder;
  const size = info.width ? `${info.width}×${info.height}` : info.sampleRate ? `${info.sampleRate} Hz` : info.language || "–";
  const factor = encoder ? encoder.realTimeFactor : 0;
  const speed = encoder && encoder.paused ? element("td", "paused") : encoder
    ? element("td", factor > 0 ? `${factor.toFixed(2)}×` : "–", factor > 0 && factor < 1.1 ? "bad" : "good")
    : element("td", "–");
  const name = encoder && encoder.failed ? element("td", `${info.name} (failed)`, "bad") : info.name;
  return row("td", [
    name, info.codecs || "–", size, rate(info.averageBitrate), info.segments, info.gaps,
    encoder ? encoder.engine || "starting" : info.codecs === "wvtt" ? "–" : "passthrough",
    preset(encoder), quality(encoder), encoder && encoder.measuredCpu !== undefined ? encoder.measuredCpu.toFixed(2) : "–",
    speed, encoder ? encoder.framesDropped : "–",
  ]);
}

// What is only known of SRT inputs is a dash for others; the names are libsrt's.
function input(info) {
  const srt = info.statistics;
  const dropped = srt ? srt.pktRcvDrop : 0;
  return row("td", [
    info.input,
    element("td", info.onAir ? "yes" : "standing by", info.onAir ? "good" : ""),
    `${info.protocol} ${info.remote}`, info.encoder || "–", new Date(info.since).toLocaleTimeString(),
    `${(info.bytesReceived / 1e6).toFixed(1)} MB`,
    srt ? `${srt.msRTT.toFixed(1)} ms` : "–", srt ? `${srt.msRcvTsbPdDelay} ms` : "–",
    srt ? srt.pktRcvLoss : "–", srt ? srt.pktRcvRetrans : "–",
    srt ? element("td", String(dropped), dropped > 0 ? "bad" : "good") : "–",
  ]);
}

// A server that the stream is sent on to.
function push(info) {
  return row("td", [
    info.target,
    element("td", info.state, info.state === "live" ? "good" : info.failures > 0 ? "bad" : ""),
    new Date(info.since).toLocaleTimeString(), `${(info.bytesSent / 1e6).toFixed(1)} MB`,
    element("td", String(info.droppedSamples), info.droppedSamples > 0 ? "bad" : "good"),
    info.connections, info.failures, element("td", info.reason || "–", "words"),
  ]);
}

// The process that encodes, as words; how the last one ended where one has.
function workerFacts(worker) {
  const ends = Object.values(worker.restarts).reduce((sum, count) => sum + count, 0);
  const facts = [worker.state === "running"
    ? `worker ${worker.pid}: ${(worker.residentBytes / 1e6).toFixed(0)} MB, ${worker.cpuSeconds.toFixed(0)} s CPU`
    : `worker ${worker.state}`];
  if (ends > 0) facts.push(`${ends} ended, the last: ${worker.lastEnd}`);
  return facts.join(", ");
}

function stream(info) {
  const section = element("section");
  const facts = [`${info.viewers} watching`, `${info.reconnects} reconnects`, `since ${new Date(info.since).toLocaleString()}`];
  if (info.inputSwitches > 0) facts.push(`${info.inputSwitches} changes of input, the last: ${info.lastSwitchReason}`);
  if (info.signalLosses > 0) facts.push(`${info.signalLosses} losses of signal, ${Math.round(info.filledSeconds)} s covered`);
  if (info.worker) facts.push(workerFacts(info.worker));
  if (info.decoder) facts.push(`${info.decoder.measuredCpu.toFixed(2)} cores for decoding, scaling and all else`);
  const inputs = element("table");
  inputs.append(row("th", INPUTS), ...info.inputs.map(input));
  const table = element("table");
  table.append(row("th", COLUMNS), ...info.renditions.map(rendition));
  const title = element("h2", `${info.path} `);
  title.append(element("span", info.state, info.state === "live" ? "good" : "bad"));
  section.append(title, element("p", facts.join(" · ")));
  if (info.inputs.length > 0) section.append(inputs);
  section.append(table);
  if (info.pushes.length > 0) {
    const pushes = element("table");
    pushes.append(row("th", PUSHES), ...info.pushes.map(push));
    section.append(pushes);
  }
  return section;
}

async function refresh() {
  const summary = document.getElementById("summary");
  try {
    const response = await fetch("/api/v1/streams", { cache: "no-store" });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { streams } = await response.json();
    document.getElementById("streams").replaceChildren(...streams.map(stream));
    summary.textContent = streams.length === 1 ? "1 stream" : `${streams.length} streams`;
    summary.className = "";
  } catch (problem) {
    summary.textContent = `The server does not answer (${problem.message})`;
    summary.className = "bad";
  }
  setTimeout(refresh, REFRESH_MS);
}

// Figures and names of an event, as key=value; the newest event is on top.
function told(info) {
  const level = info.level === "error" ? "bad" : info.level === "warn" ? "warn" : "";
  const facts = Object.entries(info.data).filter(([, value]) => value !== "").map(([name, value]) => `${name}=${value}`).join(" ");
  const text = element("td", info.message, level);
  if (facts) text.append(element("p", facts));
  const time = element("td", new Date(info.time).toLocaleTimeString());
  time.title = info.time;
  return row("td", [time, info.type, info.stream || "–", text]);
}

function listen() {
  const log = document.getElementById("log");
  const listening = document.getElementById("listening");
  log.replaceChildren();
  const events = new EventSource(`/api/v1/events?last=${SHOWN_EVENTS}`);
  events.onopen = () => { listening.textContent = ""; };
  events.onmessage = (message) => {
    document.getElementById("events").hidden = false;
    log.prepend(told(JSON.parse(message.data)));
    while (log.childElementCount > SHOWN_EVENTS) log.lastElementChild.remove();
  };
  events.onerror = () => {
    listening.textContent = "not connected";
    // A reply that is an error ends it for good; what is lost comes back by itself.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5 * REFRESH_MS);
  };
}

refresh();
listen();
