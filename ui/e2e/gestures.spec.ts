// What a person does in the window, from the first key to the last word, without a mouse where that must work.
import { fixtures } from "../tests/fixtures";
import { expect, test } from "./window";

test("the list is used with the keyboard alone", async ({ page, shell }) => {
  await shell.open();
  const fox = page.getByRole("link", { name: /Fox/ });
  const northwind = page.getByRole("link", { name: "Northwind CRM" });
  await expect(fox, "the first row that needs the person has the focus").toBeFocused();

  await page.keyboard.press("n");
  await expect(northwind).toBeFocused();
  await page.keyboard.press("End");
  await expect(page.getByRole("link", { name: "Weather" })).toBeFocused();
  await page.keyboard.press("Home");
  await expect(fox).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("F5");
  expect(await shell.callsOf("check")).toEqual([[["fabrikam"]]]);
  await page.keyboard.press("Shift+F5");
  expect(await shell.callsOf("check")).toEqual([[["fabrikam"]], [null]]);

  await page.keyboard.press("Shift+F10");
  await expect(page.getByRole("menuitem", { name: "Open" })).toBeFocused();
  await page.keyboard.press("Escape");
  const fabrikam = page.getByRole("link", { name: "Fabrikam Git" });
  await expect(fabrikam, "the menu gives the focus back").toBeFocused();

  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Fabrikam Git" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(fabrikam, "coming back gives the focus back").toBeFocused();

  await page.keyboard.press("Space");
  await expect(page.getByLabel("Client ID"), "Fix… leads to the field that is asked for").toBeFocused();
  await page.keyboard.press("Alt+ArrowLeft");
  await expect(fabrikam).toBeFocused();

  await page.keyboard.press("Control+f");
  await page.keyboard.type("atlas");
  await expect(page.getByRole("button", { name: "All 1" })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: "Atlas Search" })).toBeFocused();
  await page.keyboard.press("Control+3");
  await expect(page.getByRole("heading", { level: 1, name: "Settings" })).toBeFocused();
});

test("a thousand connectors are drawn as a few rows, and each can be reached", async ({ page, shell }) => {
  await shell.open(1000);
  const rows = page.locator("[data-row]");
  await expect(rows.first()).toBeVisible();
  expect(await rows.count()).toBeLessThan(60);
  await page.keyboard.press("End");
  const last = page.getByRole("link", { name: /0999|0998|0987/ }).last();
  await expect(last).toBeFocused();
  await expect(last).toBeInViewport();
  expect(await rows.count()).toBeLessThan(60);
  await page.mouse.move(600, 400);
  await page.mouse.wheel(0, -20_000);
  await expect
    .poll(() => rows.evaluateAll((all) => all.filter((row) => row.checkVisibility()).length))
    .toBeGreaterThan(10);
  await page.getByLabel("Search connectors").fill("0777");
  await expect(rows).toHaveCount(1);
});

test("a connector is added and signed in to, and the end is its health", async ({ page, shell }) => {
  await shell.open(0);
  await page.getByRole("button", { name: "Add connector" }).click();
  await page.getByLabel("Address").fill("https://mcp.wingtip.example/mcp");
  await page.clock.runFor(1000);
  await expect(page.getByText("An MCP server. It asks you to sign in.").first()).toBeVisible();
  await expect(page.getByLabel("Name")).toHaveValue("Wingtip Projects");
  await page.getByRole("button", { name: "Add and sign in" }).click();
  await expect(page.getByRole("dialog", { name: "Sign in to Wingtip Projects" })).toBeVisible();
  const [[id]] = (await shell.callsOf("signIn")) as [[string]];

  await shell.emit({ kind: "sign_in", progress: { ...fixtures.progress("waiting"), id } });
  await expect(page.getByText(/^9:0\d left$/)).toBeVisible();
  await page.clock.runFor(60_000);
  await expect(page.getByText(/^8:0\d left$/)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  expect(await shell.callsOf("cancelSignIn"), "hiding the sheet stops nothing").toEqual([]);
  await page.getByRole("button", { name: "Show, Wingtip Projects" }).click();

  const connector = { ...fixtures.connector("atlas"), id, name: "Wingtip Projects" };
  await shell.emit({ kind: "sign_in", progress: { ...fixtures.progress("done"), id, connector } });
  const verdict = page.getByRole("dialog", { name: "Signed in to Wingtip Projects" });
  await expect(verdict.getByText("Connected · 46 tools")).toBeVisible();
  await verdict.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("link", { name: "Wingtip Projects" }), "the focus is back in the list").toBeFocused();
});

test("foreign text stays text", async ({ page, shell }) => {
  await shell.open();
  const opened: string[] = [];
  page.on("dialog", (dialog) => {
    opened.push(dialog.message());
    void dialog.dismiss();
  });
  const row = page.getByRole("link", { name: /<img src=x onerror=alert\(1\)>/ });
  await row.click();
  await page.getByRole("button", { name: "What the server said" }).click();
  await expect(page.getByText("<script>alert(1)</script>")).toBeVisible();
  await page.getByRole("tab", { name: "Tools" }).click();
  await page.getByText("delete_everything").first().click();
  expect(await page.locator("main img, main script, main b > *").count()).toBe(0);
  expect(opened).toEqual([]);
});

test("at 200 % and in forced colours nothing is lost", async ({ page, shell }) => {
  await page.setViewportSize({ width: 540, height: 360 });
  await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
  await shell.open();
  const sideways = () => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  expect(await sideways()).toBe(false);
  await expect(page.getByRole("button", { name: "Add connector" })).toBeInViewport({ ratio: 1 });
  await expect(page.getByRole("button", { name: "Retry, 🦊" })).toBeInViewport({ ratio: 0.9 });
  await page.screenshot({ path: "test-results/pictures/zoomed-list.png" });
  await page.getByRole("link", { name: "Northwind CRM" }).click();
  await page.getByRole("tab", { name: "Diagnosis" }).scrollIntoViewIfNeeded();
  expect(await sideways()).toBe(false);
  await page.screenshot({ path: "test-results/pictures/zoomed-page.png" });
});
