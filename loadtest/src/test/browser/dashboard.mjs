// Opens the dashboard in a real Chromium and says what it lists, as one line of JSON on standard output.
//
//   node dashboard.mjs --url URL --type TYPE of an event to wait for [--modules DIR] [--chromium FILE] [--screenshot FILE]

import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    url: { type: "string" },
    type: { type: "string" },
    modules: { type: "string" },
    chromium: { type: "string", default: "/usr/bin/chromium" },
    screenshot: { type: "string" },
  },
});
const require = createRequire(join(resolve(options.modules), "harness.cjs"));
const { chromium } = require("playwright-core");

const browser = await chromium.launch({ executablePath: options.chromium, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
  const errors = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(options.url);
  await page.locator("#log tr", { hasText: options.type }).first().waitFor();
  await page.locator("#streams section").first().waitFor();
  if (options.screenshot) await page.screenshot({ path: options.screenshot, fullPage: true });
  const events = await page.locator("#log tr").evaluateAll((rows) =>
    rows.map((row) => [...row.cells].slice(1).map((cell) => cell.innerText)));
  const pushes = await page.locator("#streams table", { hasText: "pushed to" }).allInnerTexts();
  console.log(JSON.stringify({ events, pushes, streams: await page.locator("#streams h2").allInnerTexts(), errors }));
} finally {
  await browser.close();
}
