// Opens pages in Debian's Chromium and tells what a person would see. Reads {"pages": [{url, width, dark, shot?}]} from
// standard input and writes an array of facts, a page each.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
];

// Runs in the page.
function facts() {
  const root = document.documentElement;
  const drawings = [...document.querySelectorAll("svg")].map((svg) => {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].filter((one) => one.textContent.trim());
    const outside = texts.filter((one) => {
      const box = one.getBoundingClientRect();
      return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1
        || box.bottom > frame.bottom + 1;
    });
    return {
      title: svg.querySelector("title")?.textContent ?? null,
      desc: svg.querySelector("desc")?.textContent ?? null,
      texts: texts.map((one) => one.textContent.trim()),
      outside: outside.map((one) => one.textContent.trim()),
      marks: [...svg.querySelectorAll("rect, path, circle")].map((one) => one.getBoundingClientRect())
        .filter((box) => box.width > 1 || box.height > 1).length,
      width: frame.width,
      height: frame.height,
    };
  });
  return {
    text: document.body.innerText,
    background: getComputedStyle(document.body).backgroundColor,
    overflow: root.scrollWidth - root.clientWidth,
    drawings,
    ready: document.body.dataset.ready ?? null,
  };
}

const profile = mkdtempSync(join(tmpdir(), "chromium-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM, args: FLAGS, headless: true, chromiumSandbox: false,
});
try {
  const found = [];
  for (const { url, width, dark, shot, wait } of JSON.parse(await text(process.stdin)).pages) {
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
    await page.setViewportSize({ width, height: 900 });
    await page.goto(url);
    if (wait) await page.waitForSelector(wait, { state: "attached", timeout: 30_000 });
    found.push({ ...(await page.evaluate(facts)), errors });
    if (shot) await page.screenshot({ path: shot, fullPage: true });
    await page.close();
  }
  process.stdout.write(JSON.stringify(found));
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
