// Starts the lab: the demo's servers, a real engine that knows them, and the pages on it. `npm run lab` builds both
// beforehand. What a person does there is in the tests.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import type { Added } from "../src/api/types.gen";
import { NO_CHANGES } from "../src/features/connector/changes";
import { expect, quiet } from "./window";

/** What the lab says when it is ready. */
interface Ready {
  address: string;
  servers: { name: string; address: string; client_id: string | null }[];
}

interface Lab {
  /** Where the start page is. */
  address: string;
  /** The demo's server of this name. */
  server: (name: string) => Ready["servers"][number];
}

interface Person {
  /** Opens the start page as the desktop shell does, and waits for the list. */
  open: () => Promise<void>;
  /** Adds another connector at the address of a server of the demo, unasked, before the page is opened. */
  add: (name: string, server: string) => Promise<void>;
}

/** The program, wherever the developer has Cargo build to. */
function program(): string {
  const text = execFileSync("cargo", ["metadata", "--format-version", "1", "--no-deps"], { encoding: "utf8" });
  const { target_directory } = JSON.parse(text) as { target_directory: string };
  return join(target_directory, "debug", process.platform === "win32" ? "replug-lab.exe" : "replug-lab");
}

async function ready(process: ChildProcess): Promise<Ready> {
  if (process.stdout === null) throw new Error("the lab has no standard output");
  const lines = createInterface(process.stdout);
  const ended = once(process, "exit").then(() => Promise.reject(new Error("the lab ended before it was ready")));
  const [line] = (await Promise.race([once(lines, "line"), ended])) as [string];
  return JSON.parse(line) as Ready;
}

export const test = quiet.extend<{ person: Person }, { lab: Lab }>({
  lab: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants to see which fixtures this one uses: none
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), "replug-lab-"));
      const pages = join(import.meta.dirname, "../node_modules/.build/lab");
      const data = join(folder, "data");
      const lab = spawn(program(), ["ui", "--data-dir", data, "--dist", pages], { stdio: ["pipe", "pipe", "inherit"] });
      const exited = once(lab, "exit");
      const { address, servers } = await ready(lab);
      await use({
        address,
        server: (name) => {
          const found = servers.find((server) => server.name === name);
          if (found === undefined) throw new Error(`the demo has no ${name}`);
          return found;
        },
      });
      lab.stdin.end();
      await exited;
      rmSync(folder, { recursive: true });
    },
    { scope: "worker", timeout: 60_000 },
  ],
  baseURL: async ({ lab }, use) => use(lab.address),
  person: async ({ lab, page, request }, use) => {
    await page.addInitScript(() => Object.freeze(Object.prototype));
    await use({
      open: async () => {
        await page.goto("/");
        await expect(page.locator("[data-row]").first()).toBeVisible();
      },
      add: async (name, server) => {
        const connector = { address: lab.server(server).address, name, settings: NO_CHANGES };
        const answer = await request.post("/api/add", {
          headers: { origin: lab.address },
          data: { new: connector, probe: false },
        });
        expect(((await answer.json()) as Added).connector.name).toBe(name);
      },
    });
  },
});
