// The window on the demo, one connector in each state: looked at, walked through without a mouse, and one taken away.
import { expect } from "vitest";

import { test } from "./scene";
import { KEYS } from "./webdriver";

test("every connector stands in the group of its state", async ({ openDemo }) => {
  const { page, session } = await openDemo();
  await page.find({ role: "link", name: "Weather" });
  const groups = await page.run(() =>
    [...document.querySelectorAll("main section")].map((group) => [
      group.getAttribute("aria-label"),
      [...group.querySelectorAll("a")].map((link) => link.textContent),
    ]),
  );
  expect(groups).toEqual([
    ["Needs you", ["Design library", "Empty shelf", "Project board", "Torn list"]],
    ["Failed", ["Broken shop", "Company page", "Firewalled office"]],
    ["Connected", ["Odd names", "Slow archive", "Weather"]],
    ["Paused and not checked", ["Not asked yet", "Summer school"]],
  ]);

  await session.resize(720, 480);
  const overflow = await page.run(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, "the smallest window cuts nothing off").toBeLessThanOrEqual(0);
  await page.click({ role: "link", name: "Broken shop" });
  await page.find({ role: "heading", name: "Failed" });
  await page.findText("Fault is here");
  await page.find({ role: "tab", name: "Diagnosis", selected: true });
  await page.findText("Web answer");
});

test("everything is reached without a mouse", async ({ openDemo }) => {
  const app = await openDemo();
  const { page, session } = app;
  await page.focusOn({ role: "link", name: "Design library" });
  await session.press([KEYS.down, KEYS.down]);
  await page.focusOn({ role: "link", name: "Project board" });
  await session.press(["b"]);
  await page.focusOn({ role: "link", name: "Broken shop" });
  await session.press([KEYS.enter]);
  await page.focusOn({ role: "heading", name: "Broken shop" });
  await session.press([KEYS.escape]);
  await page.focusOn({ role: "link", name: "Broken shop" });
  await session.press([KEYS.tab], [KEYS.shift]);
  await page.focusOn({ role: "button", name: "All 12" });
  await session.press([KEYS.right, KEYS.right, KEYS.right, KEYS.enter]);
  await page.focusOn({ role: "button", name: "Failed 3", pressed: true });
  await session.press([KEYS.tab]);
  await page.focusOn({ role: "link", name: "Broken shop" });
  await session.press(["n"], [KEYS.control]);
  await page.focusOn({ role: "textbox", name: "Address" });
  await session.press([KEYS.escape]);
  await page.gone("dialog");
  await page.focusOn({ role: "link", name: "Broken shop" });
  await session.press(["3"], [KEYS.control]);
  await page.focusOn({ role: "heading", name: "Settings" });
  await app.quit();
});

test("axe finds nothing on any page", async ({ openDemo }) => {
  const { page, session } = await openDemo();
  await page.find({ role: "link", name: "Weather" });
  expect(await page.flaws(), "the connectors").toEqual([]);
  await page.click({ role: "button", name: "Add connector" });
  await page.find({ role: "dialog", name: "Add connector" });
  expect(await page.flaws(), "adding one").toEqual([]);
  await session.press([KEYS.escape]);
  await page.gone("dialog");
  await page.click({ role: "link", name: "Torn list" });
  await page.find({ role: "tab", name: "Diagnosis", selected: true });
  expect(await page.flaws(), "one of them").toEqual([]);
  await page.click({ role: "button", name: "Settings" });
  await page.find({ role: "button", name: "Copy versions" });
  expect(await page.flaws(), "the settings").toEqual([]);
});

test("a connector is removed only after the question", async ({ openDemo }) => {
  const { page } = await openDemo();
  const remove = async (): Promise<void> => {
    await page.click({ role: "button", name: "More for Company page" });
    await page.click({ role: "menuitem", name: "Remove…" });
    await page.find({ role: "alertdialog", name: "Remove Company page?" });
  };
  await remove();
  await page.click({ role: "button", name: "Keep it" });
  await page.gone("alertdialog");
  await page.find({ role: "button", name: "All 12" });
  await remove();
  await page.click({ role: "button", name: "Remove" });
  await page.findText("Connector removed");
  await page.find({ role: "button", name: "All 11" });
  await page.find({ role: "button", name: "Failed 2" });
});
