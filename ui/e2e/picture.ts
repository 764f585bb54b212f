// The sizes and themes in which every view is seen, and what is asked of each of them.
import type { Page } from "@playwright/test";

import { expect, expectAccessible } from "./window";

export const SIZES = [
  { width: 1080, height: 720 },
  { width: 720, height: 480 },
];
export const THEMES = ["light", "dark"] as const;

/** Looks at the page with axe, and leaves a picture of it to be looked at. */
export async function picture(page: Page, name: string): Promise<void> {
  // What axe looks at does not depend on the size, and of the themes only the colours do: that keeps the suite quick.
  if (name.includes("1080")) await expectAccessible(page, name.includes("light") ? "all" : "colours");
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  expect(sideways, "nothing reaches over the window's side").toBe(false);
  await page.screenshot({ path: `test-results/pictures/${name}.png`, animations: "disabled" });
}
