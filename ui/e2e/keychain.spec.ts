// The views about the place of the sign-ins, in both themes and at both ends of the window's size.
import type { Page } from "@playwright/test";

import type { About } from "../src/api/types.gen";
import { picture, SIZES, THEMES } from "./picture";
import { expect, test } from "./window";

const MISSING = {
  code: "RPL-KEY-MISSING",
  text: "This computer has no usable keychain.",
  hint: "Keep sign-ins in a file that a passphrase encrypts, or in memory for this run.",
};
const SHUT = {
  code: "RPL-KEY-FILE-LOCKED",
  text: "Your sign-ins are locked.",
  hint: "Unlock them with the passphrase of the encrypted file.",
};
const WRONG = { code: "RPL-KEY-PASSPHRASE", text: "The passphrase is wrong.", hint: "Enter the one that was chosen." };
const LOCKED: Partial<About> = {
  stored_in: "file",
  keychain_problem: SHUT,
  passphrase_needed: true,
  has_file: true,
};

/** The place of the sign-ins changes its condition behind the window. */
async function condition(page: Page, about: Partial<About>): Promise<void> {
  await page.evaluate((about) => {
    window.replugTest.aboutText = { ...window.replugTest.aboutText, ...about };
    window.replugTest.emit({ kind: "keychain_changed" });
  }, about);
}

for (const size of SIZES) {
  for (const theme of THEMES) {
    test.describe(`${size.width}x${size.height} ${theme}`, () => {
      test.use({ viewport: size, colorScheme: theme });
      const named = (view: string): string => `${view}-${size.width}-${theme}`;

      test("a computer without a keychain", async ({ page, shell }) => {
        await shell.open();
        await condition(page, { keychain_problem: MISSING });
        await expect(page.getByText(MISSING.text)).toBeVisible();
        await picture(page, named("keychain-missing"));
        await page.getByRole("button", { name: "Keep them elsewhere…" }).click();
        await page.getByLabel("New passphrase").fill("correct horse battery");
        await page.getByLabel("The same once more").fill("correct house");
        await expect(page.getByText("The two are not the same.")).toBeVisible();
        await picture(page, named("keychain-place"));
      });

      test("a locked file, and one whose passphrase is forgotten", async ({ page, shell }) => {
        await shell.open();
        await condition(page, LOCKED);
        await page.getByRole("button", { name: "Unlock…" }).click();
        await page.evaluate((wrong) => window.replugTest.refusals.set("unlockSignIns", wrong), WRONG);
        await page.getByLabel("Passphrase", { exact: true }).fill("wrong");
        await page.getByRole("button", { name: "Unlock", exact: true }).click();
        await expect(page.getByText(WRONG.text)).toBeVisible();
        await picture(page, named("keychain-unlock"));
        await page.getByRole("button", { name: "Forgot it…" }).click();
        await expect(page.getByLabel("New passphrase")).toBeVisible();
        await picture(page, named("keychain-forgot"));
      });

      test("the settings of the encrypted file", async ({ page, shell }) => {
        await shell.open();
        await condition(page, { stored_in: "file", has_file: true });
        await page.getByRole("button", { name: "Settings" }).click();
        const change = page.getByRole("button", { name: "Change passphrase…" });
        await change.scrollIntoViewIfNeeded();
        await picture(page, named("keychain-settings"));
        await change.click();
        await expect(page.getByLabel("Passphrase until now")).toBeVisible();
        await picture(page, named("keychain-change"));
      });
    });
  }
}
