// Closing the window over settings that are not saved: it stays until the person has decided.
import { expect } from "vitest";

import { test } from "./scene";

test("settings that are not saved hold the window until the person has decided", async ({ openDemo }) => {
  const app = await openDemo();
  const { page } = app;
  await page.click({ role: "link", name: "Weather" });
  await page.click({ role: "tab", name: "Settings" });
  await page.type("Name", " of ours");
  await page.find({ role: "tab", name: "Settings not saved yet" });

  await app.pressClose();
  await page.find({ role: "alertdialog", name: "Close without saving?" });
  await page.findText("Changed settings of Weather are not saved.");
  await page.focusOn({ role: "button", name: "Stay" });
  expect(await page.flaws(), "the question").toEqual([]);
  await page.click({ role: "button", name: "Stay" });
  await page.gone("alertdialog");
  const typed = await page.run(() => document.querySelector<HTMLInputElement>("#name")?.value);
  expect(typed, "nothing is lost").toBe("Weather of ours");

  await app.pressClose();
  await page.find({ role: "alertdialog", name: "Close without saving?" });
  await app.staysSilent();
  await page.focusOn({ role: "button", name: "Stay" });
  // The window goes with the last key, and could not answer the driver any more.
  await app.press("Tab", "Return");
  await app.gone();
});
