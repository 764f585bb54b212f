// The settings page: a choice of colours that counts at once and stays, and the self-test on the real keyring.
import { expect } from "vitest";

import type { Page } from "./page";
import { test } from "./scene";
import { until } from "./until";

function ground(page: Page): Promise<string> {
  return page.run(() => getComputedStyle(document.body).backgroundColor);
}

test("the dark theme is taken at once and kept", async ({ open }) => {
  const first = await open("keychain");
  await first.page.click({ role: "button", name: "Settings" });
  const light = await ground(first.page);
  await first.page.clickText("Dark");
  const dark = await until("the ground changes", async () => {
    const now = await ground(first.page);
    return now !== light && now;
  });
  await first.quit();
  const { page } = await open("keychain");
  await until("the ground is dark again", async () => (await ground(page)) === dark);
});

test("the self-test goes through the real keyring step by step", async ({ open }) => {
  const app = await open("keychain");
  const { page } = app;
  await page.click({ role: "button", name: "Settings" });
  await page.click({ role: "button", name: "Test the keychain" });
  await page.findText("The keychain works");
  const said = await page.run(() => document.querySelector("main ol")?.parentElement?.innerText);
  expect(said).toContain("Sign-ins kept in your keychain");
  expect(said?.match(/\d ms$/gm), "opened, written, read, deleted, and looked for").toHaveLength(5);
  await app.quit();
});
