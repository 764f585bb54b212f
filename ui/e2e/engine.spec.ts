// The pages on the real engine, which looks at real servers: what a person sees is what those servers answered.
import { expect, expectAccessible } from "./window";
import { test } from "./lab";

test("every connector stands in the group of its health", async ({ page, person }) => {
  await person.open();
  const expected = {
    "Needs you": ["Design library", "Empty shelf", "Project board", "Torn list"],
    Failed: ["Broken shop", "Company page", "Firewalled office"],
    Connected: ["Odd names", "Slow archive", "Weather"],
    "Paused and not checked": ["Not asked yet", "Summer school"],
  };
  for (const [group, names] of Object.entries(expected)) {
    const rows = page.getByRole("region", { name: group }).getByRole("listitem");
    for (const name of names)
      await expect(rows.filter({ has: page.getByRole("link", { name, exact: true }) })).toBeVisible();
  }
  const weather = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: "Weather" }) });
  await expect(weather).toContainText("Connected · 14 tools");
  await expectAccessible(page, "all");
});

test("a connector is added, signed in to, seen with its tools, and removed", async ({ page, lab, person }) => {
  await person.open();
  await page.getByRole("button", { name: "Add connector" }).click();
  const sheet = page.getByRole("dialog", { name: "Add connector" });
  await sheet.getByLabel("Address").fill(lab.server("Project board").address);
  await expect(sheet.getByRole("heading", { name: "An MCP server. It asks you to sign in." })).toBeVisible();
  await sheet.getByLabel("Name").fill("Second account");
  await expectAccessible(page, "all");
  await sheet.getByRole("button", { name: "Add and sign in" }).click();

  const verdict = page.getByRole("dialog", { name: "Signed in to Second account" });
  await expect(verdict.getByRole("heading", { name: "Connected · 9 tools" })).toBeVisible();
  await expectAccessible(page, "all");
  await verdict.getByRole("button", { name: "Done" }).click();
  await page.getByRole("link", { name: "Second account" }).click();
  await expect(page.getByRole("tabpanel").locator("summary")).toHaveCount(9);
  await page.getByRole("tab", { name: "Sign-in" }).click();
  await expect(page.getByText("yes, without a browser")).toBeVisible();
  await expectAccessible(page, "all");

  await page.getByRole("button", { name: "More for Second account" }).click();
  await page.getByRole("menuitem", { name: "Remove…" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("Connector removed")).toBeVisible();
  await expect(page.getByRole("link", { name: "Second account" })).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("link", { name: "Project board" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Second account" })).toHaveCount(0);
});

test("a client ID is entered where the service wants one, and the sign-in works with it", async ({
  page,
  lab,
  person,
}) => {
  await person.add("Own client", "Design library");
  await person.open();
  await page.getByRole("button", { name: "Check, Own client" }).click();
  await page.getByRole("button", { name: "Fix…, Own client" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Needs details" })).toBeVisible();
  const field = page.getByLabel("Client ID");
  await expect(field).toBeFocused();
  await field.fill(lab.server("Design library").client_id ?? "");
  await expectAccessible(page, "all");
  await page.getByRole("button", { name: "Save and sign in" }).click();
  const verdict = page.getByRole("dialog", { name: "Signed in to Own client" });
  await expect(verdict.getByRole("heading", { name: "Connected · 9 tools" })).toBeVisible();
  await verdict.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Connected · 9 tools" })).toBeVisible();
});

test("the chosen colours are there at the next start", async ({ page, person }) => {
  await person.open();
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  // The choice shows at once and is kept a moment later; a page that goes away in between takes its request with it.
  const kept = page.waitForResponse((response) => response.url().endsWith("/api/set_settings") && response.ok());
  await page.getByText("Dark", { exact: true }).click();
  await expect(page.getByRole("radio", { name: "Dark" })).toBeChecked();
  await kept;
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  await expectAccessible(page, "all");
  await page.getByText("As the system", { exact: true }).click();
  await expect(page.locator("html")).not.toHaveAttribute("data-theme");
});

test("the diagnosis shows what was asked and what came back", async ({ page, person }) => {
  await person.open();
  await page.getByRole("link", { name: "Broken shop" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Failed" })).toBeVisible();
  const fault = page.getByRole("listitem").filter({ hasText: "Fault is here" });
  await expect(fault).toContainText("MCP server");
  const failed = page.locator("details[open]").filter({ hasText: "RPL-HTTP-SERVER-ERROR" });
  await expect(failed.getByText("Replug asked").first()).toBeVisible();
  await expect(failed.getByText(/^500/).first()).toBeVisible();
  await page.getByRole("button", { name: "What the server said" }).click();
  await expect(page.getByText("Internal Server Error", { exact: true })).toBeVisible();
  await expectAccessible(page, "all");
});

test("hostile names of tools stay text", async ({ page, person }) => {
  await person.open();
  await page.getByRole("link", { name: "Odd names" }).click();
  const tool = page.locator("details").filter({ hasText: "<img src=x onerror=alert(1)>" });
  await tool.locator("summary").click();
  await expect(tool.getByText("<img src=x onerror=alert(1)>")).toBeVisible();
  await expect(tool.getByRole("paragraph").getByText("</script><script>window.__pwn = 1</script>")).toBeVisible();
  expect(await page.locator("main img, main script").count()).toBe(0);
  expect(await page.evaluate(() => "__pwn" in window)).toBe(false);
  await expectAccessible(page, "all");
});
