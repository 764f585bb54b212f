// Five hundred texts that would be code in a careless page, in every place that shows words of somebody else (T03): none
// runs, none leads away, and the content security policy has nothing to report.
import type { Page } from "@playwright/test";

import { fixtures } from "../tests/fixtures";
import { FREE_TEXT, payloads } from "../tests/payloads";
import { expect, test } from "./window";

declare global {
  interface Window {
    /** What a payload that ran leaves behind. */
    __pwn?: number;
  }
}

// Long texts in every place take a slow machine its time.
test.setTimeout(180_000);

/** How many stand in one text, so that one that would swallow the rest does not hide all others. */
const AT_ONCE = 80;

test("there are more than five hundred payloads, and more than fifteen kinds of places for them", () => {
  expect(new Set(payloads).size).toBe(payloads.length);
  expect(payloads.length).toBeGreaterThan(500);
  expect(FREE_TEXT.size).toBeGreaterThan(15);
});

/** Opens whatever is folded on the page as it stands. */
async function unfold(page: Page): Promise<void> {
  const folded = page.locator(
    "main [aria-expanded=false]:visible:not([aria-haspopup]), main details:not([open]) > summary:visible",
  );
  for (let left = 40; left > 0 && (await folded.count()) > 0; left -= 1) await folded.first().click();
}

async function harmless(page: Page, origin: string): Promise<void> {
  expect(await page.evaluate(() => window.__pwn)).toBeUndefined();
  expect(new URL(page.url()).origin).toBe(origin);
  expect(page.frames()).toHaveLength(1);
}

for (let from = 0; from < payloads.length; from += AT_ONCE) {
  const some = payloads.slice(from, from + AT_ONCE);
  test(`payloads from ${from} on stay text in every place`, async ({ page, shell }) => {
    await page.addInitScript((texts) => Object.assign(window, { replugPayloads: texts }), some.join(" "));
    await shell.open();
    const { origin } = new URL(page.url());
    const [first = ""] = some;
    await expect(page.getByRole("link", { name: first }).first(), "they are shown").toBeVisible();
    await page.getByRole("link", { name: /^Northwind CRM/ }).click();
    for (const tab of ["Diagnosis", "Sign-in", "Tools", "Settings"]) {
      await page.getByRole("tab", { name: tab }).click();
      await unfold(page);
      await harmless(page, origin);
    }
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: /^Fabrikam Git/ }).click();
    await unfold(page);
    await harmless(page, origin);
    const progress = { ...fixtures.progress("confirm"), id: "fabrikam" };
    await shell.emit({ kind: "sign_in", progress });
    await harmless(page, origin);
  });
}
