// Opens the window's pages in a browser as the desktop shell does: time stands at the fixtures' now, prototypes are
// frozen, and anything the console or the content security policy has to say fails the test.
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

import type { Event } from "../src/api/types.gen";
import type { Backend } from "../src/api/backend";

const NOW = new Date("2026-11-20T09:41:00Z");

interface Shell {
  /** Opens the start page with so many connectors, all fixtures without a number, and with finds in the apps' files. */
  open: (connectors?: number, found?: boolean) => Promise<void>;
  /** Opens it without connectors, so that what was found is asked about: the fixtures, or so many. */
  openFirst: (found?: number) => Promise<void>;
  /** Sends events as the engine would. */
  emit: (...events: Event[]) => Promise<void>;
  /** The arguments of every call of a command so far. */
  callsOf: (command: keyof Backend) => Promise<unknown[][]>;
}

/** What the browser says of its own accord about forms with a secret in them. */
const ADVICE = "[DOM] ";

/** Tests in which the console and the policy have nothing to say. */
export const quiet = base.extend<{ complaints: string[] }>({
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      // The browser's own advice about forms is not a complaint of the page.
      page.on("console", (message) => message.text().startsWith(ADVICE) || complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      await use(complaints);
      expect(complaints, "the console stays silent").toEqual([]);
    },
    { auto: true },
  ],
});

export const test = quiet.extend<{ shell: Shell }>({
  shell: async ({ page }, use) => {
    await page.clock.install({ time: NOW });
    await page.addInitScript(() => Object.freeze(Object.prototype));
    await use({
      open: async (connectors, found = false) => {
        const asked = connectors === undefined ? [] : [`connectors=${connectors}`];
        await page.goto(`/?${[...asked, ...(found ? ["found"] : [])].join("&")}`);
        await expect(page.getByRole("heading", { level: 1, name: "Connectors" })).toBeVisible();
      },
      openFirst: async (found) => {
        await page.goto(`/?connectors=0&found=${found ?? ""}`);
        await expect(page.getByRole("heading", { level: 1, name: /on this computer/ })).toBeVisible();
      },
      emit: (...events) =>
        page.evaluate((sent) => {
          for (const event of sent) window.replugTest.emit(event);
        }, events),
      callsOf: (command) => page.evaluate((name) => window.replugTest.callsOf(name), command),
    });
  },
});

/** Fails with what axe finds on the page as it stands; `colours` looks at contrast alone. */
export async function expectAccessible(page: Page, what: "all" | "colours"): Promise<void> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (what === "all" ? axe : axe.withRules(["color-contrast"])).analyze();
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target.join(" ")).join(", ")})`,
  );
  expect(found).toEqual([]);
}

export { expect };
