// "How to publish to this name": the settings of OBS and a command for ffmpeg, ready to copy.

import { element } from "./format.js";

const COPIED_MS = 1500;

/** Fills a section with the ways to publish to app/name on the host that served this page. */
export function showPublish(section, app, name) {
  const host = location.hostname.includes(":") ? `[${location.hostname.replace(/^\[|\]$/g, "")}]` : location.hostname;
  const loopback = /^(localhost|127\.|\[::1\])/.test(host);
  const key = loopback ? name : `${name}?key=YOUR-KEY`;
  const server = `rtmp://${host}/${app}`;
  const quoted = /^[\w./:?=[\]-]*$/.test(key) ? `"${server}/${key}"` : `'${`${server}/${key}`.replaceAll("'", "'\\''")}'`;

  section.replaceChildren(
    element("h2", { id: "publish-title" }, "Publish to this name"),
    element("p", {}, loopback
      ? "From this machine no key is needed. From anywhere else add ?key=… to the stream key; the server printed the key at its first start."
      : "The key was printed when the server first started, or is set in its configuration."),
    element("div", { class: "ways" },
      way("OBS Studio: Settings, Stream, Service “Custom…”", [["Server", server], ["Stream key", key]]),
      way("OBS Studio: Settings, Output", [["Encoder", "x264, key frame interval 2 s"], ["Audio", "AAC, 48 kHz"]], false),
      way("ffmpeg: a file, in real time", [["",
        `ffmpeg -re -stream_loop -1 -i video.mp4 -c:v libx264 -preset veryfast -g 60 -pix_fmt yuv420p -c:a aac -f flv ${quoted}`]])));
  section.hidden = false;
}

function way(title, fields, copyable = true) {
  const full = fields.length === 1;
  const box = element("div", { class: full ? "way full" : "way" }, element("h3", {}, title));
  for (const [label, value] of fields) {
    const field = element("div", { class: "field" });
    if (label) field.append(element("span", {}, label));
    field.append(element("code", {}, value));
    if (copyable) field.append(copyButton(label || "command", value));
    box.append(field);
  }
  return box;
}

function copyButton(label, value) {
  const button = element("button", { type: "button", class: "copy", "aria-label": `Copy ${label.toLowerCase()}` }, "Copy");
  button.addEventListener("click", async () => {
    const copied = await copy(value, button);
    button.textContent = copied ? "Copied" : "Select it";
    button.classList.toggle("done", copied);
    setTimeout(() => {
      button.textContent = "Copy";
      button.classList.remove("done");
    }, COPIED_MS);
  });
  return button;
}

async function copy(value, button) {
  try {
    await navigator.clipboard.writeText(value); // only in secure contexts
    return true;
  } catch {
    const range = document.createRange();
    range.selectNodeContents(button.previousElementSibling);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy");
  }
}
