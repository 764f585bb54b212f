// How much work a thousand connectors cost while somebody scrolls and types. The bounds are far above what is measured on
// an idle machine; the figures themselves are attached to the report.
import type { CDPSession, Page } from "@playwright/test";

import { expect, quiet as test } from "./window";

const FRAMES = 120;
/** The main thread's time for one frame at 60 a second. */
const FRAME_MS = 1000 / 60;
/** A key whose answer comes later than this is felt as slow. */
const FELT_MS = 100;

/** Milliseconds that the main thread has worked so far. */
async function worked(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1000;
}

async function openThousand(page: Page): Promise<CDPSession> {
  await page.goto("/?connectors=1000");
  await expect(page.locator("[data-row]").first()).toBeVisible();
  const session = await page.context().newCDPSession(page);
  // The thread's own time, so that what else runs on the machine does not count.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  return session;
}

test("a thousand rows scroll within the time of a frame", async ({ page }, info) => {
  const session = await openThousand(page);
  const before = await worked(session);
  const drawn = await page.evaluate(async (frames) => {
    const scroller = document.querySelector<HTMLElement>(".scroller");
    if (scroller === null) throw new Error("there is no list");
    let fewest = Infinity;
    for (let frame = 0; frame < frames; frame += 1) {
      scroller.scrollTop += 300;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      fewest = Math.min(fewest, document.querySelectorAll("[data-row]").length);
    }
    return { fewest, top: scroller.scrollTop };
  }, FRAMES);
  const each = ((await worked(session)) - before) / FRAMES;
  info.annotations.push({ type: "work per frame", description: `${each.toFixed(1)} ms` });
  expect(drawn.top, "it was really scrolled").toBeGreaterThan(30_000);
  expect(drawn.fewest, "no frame shows a hole").toBeGreaterThan(10);
  expect(each, "milliseconds of work per frame").toBeLessThan(FRAME_MS);
});

test("searching a thousand connectors keeps up with typing", async ({ page }, info) => {
  const session = await openThousand(page);
  const field = page.getByRole("searchbox");
  let slowest = 0;
  for (const [text, found] of [
    ["0", /^All 1000/],
    ["07", /^All \d+/],
    ["077", /^All \d+$/],
    ["0777", /^All 1$/],
    ["", /^All 1000/],
  ] as const) {
    const before = await worked(session);
    await field.fill(text);
    await expect(page.getByRole("button", { name: found })).toBeVisible();
    slowest = Math.max(slowest, (await worked(session)) - before);
  }
  info.annotations.push({ type: "slowest key", description: `${slowest.toFixed(1)} ms` });
  expect(slowest, "milliseconds of work for a key").toBeLessThan(FELT_MS);
});
