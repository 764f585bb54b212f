// What was found on this computer, in both themes and at both ends of the window's size: the first start, what came with a
// project folder, the apps of a connector, and the repairs. Then with as many as nobody has.
import { fixtures } from "../tests/fixtures";
import { picture, SIZES, THEMES } from "./picture";
import { expect, test } from "./window";

for (const size of SIZES) {
  for (const theme of THEMES) {
    test.describe(`${size.width}x${size.height} ${theme}`, () => {
      test.use({ viewport: size, colorScheme: theme });
      const named = (view: string): string => `${view}-${size.width}-${theme}`;

      test("the first start, and what a project folder says", async ({ page, shell }) => {
        await shell.openFirst();
        await picture(page, named("first-start"));
        await page.getByRole("checkbox", { name: /Aurora Docs/ }).check();
        await page.getByText(/servers run as programs/).click();
        await page.getByText(/postgres/).scrollIntoViewIfNeeded();
        await picture(page, named("first-start-all"));
        await page.getByRole("button", { name: "Bring these in (6)" }).click();
        await page.getByRole("button", { name: "Approve…, Aurora Docs" }).click();
        await expect(page.getByRole("row", { name: /collector/ })).toBeVisible();
        await picture(page, named("approve"));
      });

      test("the repairs, and the apps of a connector", async ({ page, shell }) => {
        await shell.open(undefined, true);
        await page.getByRole("button", { name: /^Repairs/ }).click();
        await page.getByText("Details").first().click();
        await picture(page, named("repairs"));
        await page.getByRole("button", { name: "Show connector" }).click();
        await expect(page.getByRole("tab", { name: "Used in" })).toHaveAttribute("aria-selected", "true");
        await picture(page, named("used-in"));
        await page.getByRole("button", { name: "Back to Connectors" }).click();
        await page.evaluate(() => (window.replugTest.scanned = { connectors: [], findings: [], local_servers: [] }));
        await page.getByRole("button", { name: "Look again" }).click();
        await expect(page.getByText("Nothing to mend")).toBeVisible();
        await picture(page, named("repairs-none"));
      });

      test("a sign-in service that changed, a private key, and closing over it", async ({ page, shell }) => {
        await shell.open();
        await page.getByRole("button", { name: "Sign in again, Northwind CRM" }).click();
        await shell.emit({ kind: "sign_in", progress: fixtures.movedProgress() });
        await expect(page.getByRole("region", { name: "The sign-in service changed" })).toBeVisible();
        await picture(page, named("sign-in-moved"));
        await page.getByRole("button", { name: "Cancel" }).click();
        await page.getByRole("link", { name: "Northwind CRM" }).click();
        await page.getByRole("tab", { name: "Settings" }).click();
        await page.getByLabel("Sign-in service to expect").fill("https://login.northwind.example");
        await page.getByRole("button", { name: "Enter a private key…" }).click();
        await page
          .getByLabel("Private key")
          .fill("-----BEGIN PRIVATE KEY-----\nZXhhbXBsZQ==\n-----END PRIVATE KEY-----");
        await picture(page, named("private-key"));
        await page.evaluate(() => window.replugTest.close());
        await expect(page.getByRole("button", { name: "Stay" })).toBeFocused();
        await picture(page, named("closing"));
      });
    });
  }
}

test("a thousand connectors are chosen from without a stutter", async ({ page, shell }) => {
  await shell.openFirst(1000);
  await expect(page.getByRole("button", { name: "Bring these in (1000)" })).toBeVisible();
  const last = page.getByRole("checkbox").last();
  await last.scrollIntoViewIfNeeded();
  await expect(last).toBeInViewport();
  const begun = Date.now();
  await page.getByRole("button", { name: "Choose none" }).click();
  await expect(page.getByText(/^0 of 1000 chosen/)).toBeVisible();
  expect(Date.now() - begun, "milliseconds").toBeLessThan(2000);
});

test("the first start is used with the keyboard alone", async ({ page, shell }) => {
  await shell.openFirst();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/^0 of 6 chosen/)).toBeVisible();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await expect(page.getByText(/^1 of 6 chosen/)).toBeVisible();
  await page.getByRole("button", { name: "Bring this one in" }).press("Enter");
  await expect(page.getByRole("link", { name: "Adatum Search" })).toBeVisible();
});
