// Every page in both themes and at both ends of the window's size: nothing overflows, axe finds nothing, and a picture
// is left in test-results/ to be looked at.
import { fixtures } from "../tests/fixtures";
import { picture, SIZES, THEMES } from "./picture";
import { expect, test } from "./window";

for (const size of SIZES) {
  for (const theme of THEMES) {
    test.describe(`${size.width}x${size.height} ${theme}`, () => {
      test.use({ viewport: size, colorScheme: theme });
      const named = (page: string): string => `${page}-${size.width}-${theme}`;

      test("the list in its three sizes", async ({ page, shell }) => {
        await shell.open(0);
        await picture(page, named("empty"));
        await shell.open(1000);
        await expect(page.locator("[data-row]").first()).toBeVisible();
        await picture(page, named("thousand"));
        await shell.open();
        await shell.emit(
          { kind: "check_started", id: "northwind" },
          { kind: "check_step", id: "northwind", number: 6, of: 14 },
        );
        await expect(page.getByText("Checking now… step 6 of 14")).toBeVisible();
        await picture(page, named("connectors"));
        await page.getByRole("button", { name: "More for Northwind CRM" }).click();
        await expect(page.getByRole("menu")).toBeVisible();
        await picture(page, named("menu"));
      });

      test("a connector's page with its tabs", async ({ page, shell }) => {
        await shell.open();
        await page.getByRole("link", { name: "Northwind CRM" }).click();
        await expect(page.getByRole("tab", { name: "Diagnosis" })).toHaveAttribute("aria-selected", "true");
        await page.getByRole("button", { name: "What the server said" }).click();
        await picture(page, named("connector"));
        await page.getByRole("tab", { name: "Sign-in" }).click();
        await picture(page, named("sign-in-tab"));
        await page.getByRole("tab", { name: "Tools" }).click();
        await page.getByText("Search documents").click();
        await picture(page, named("tools"));
        await page.getByRole("tab", { name: "Settings" }).click();
        await picture(page, named("connector-settings"));
      });

      test("what a connector needs, and what a code means", async ({ page, shell }) => {
        await shell.open();
        await page.getByRole("button", { name: "Fix…, Fabrikam Git" }).click();
        await expect(page.getByLabel("Client ID")).toBeFocused();
        await picture(page, named("needed"));
        await page.getByRole("tab", { name: "Diagnosis" }).click();
        const failed = page.locator("details[open]");
        await failed.getByRole("button", { name: "RPL-REG-NOT-OFFERED" }).click();
        await expect(page.getByRole("dialog").getByText("The sign-in service", { exact: true })).toBeVisible();
        await picture(page, named("explanation"));
      });

      test("the sheets", async ({ page, shell }) => {
        await shell.open();
        await page.getByRole("button", { name: "Add connector" }).click();
        await page.getByLabel("Address").fill("https://mcp.wingtip.example/mcp");
        await page.getByLabel("Address").press("Enter");
        await expect(page.getByText("auth.wingtip.example", { exact: true })).toBeVisible();
        await picture(page, named("add"));
        await page.keyboard.press("Escape");
        await page.getByRole("button", { name: "Sign in again, Northwind CRM" }).click();
        await shell.emit({ kind: "sign_in", progress: fixtures.progress("confirm") });
        await picture(page, named("sign-in-warning"));
        await shell.emit({ kind: "sign_in", progress: fixtures.progress("waiting") });
        await page.getByText("I was shown an address that does not load").click();
        await picture(page, named("sign-in"));
        await shell.emit({ kind: "sign_in", progress: fixtures.progress("done") });
        await picture(page, named("sign-in-done"));
      });

      test("the settings", async ({ page, shell }) => {
        await shell.open();
        await page.getByRole("button", { name: "Settings", exact: true }).click();
        await page.getByRole("button", { name: "Test the keychain" }).click();
        await expect(page.getByText("The keychain does not work")).toBeVisible();
        await picture(page, named("settings"));
      });
    });
  }
}
