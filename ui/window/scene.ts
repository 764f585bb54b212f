// What each test begins with and leaves nothing of: a scratch folder, windows opened on it, and servers of the lab.
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test as base } from "vitest";

import { App, dataFolder, type Start } from "./app";
import { Lab } from "./programs";
import { until } from "./until";

interface Scene {
  /** A folder of the test's own. */
  scratch: string;
  /** Opens the window on the scratch folder. One after the other: there is one keyboard. */
  open: (secrets: Start["secrets"]) => Promise<App>;
  /** A healthy server that asks for a sign-in. */
  server: { address: string; issuer: string };
  /** Opens the window on the demo: one connector in each state, secrets in memory. */
  openDemo: () => Promise<App>;
  /** The demo's servers with the folder they filled. Filling takes seconds, so the tests of a file share them. */
  filled: string;
}

async function inScratchFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "replug-window-"));
  await use(folder);
  await rm(folder, { recursive: true });
}

/* eslint-disable no-empty-pattern -- the runner reads from this parameter what a fixture needs */
export const test = base.extend<Scene>({
  scratch: async ({}, use) => inScratchFolder(use),
  open: async ({ scratch, task }, use) => {
    const opened: App[] = [];
    await use(async (secrets) => {
      const app = await App.start({ scratch, secrets });
      opened.push(app);
      return app;
    });
    for (const app of opened) {
      const failed = task.result?.state === "fail";
      await (failed ? app.leavePicture(task.name) : app.staysSilent()).finally(() => app.end());
    }
  },
  server: async ({}, use) => {
    const lab = await Lab.start<Scene["server"]>(["serve"]);
    await use(lab.ready);
    await lab.end();
  },
  openDemo: async ({ scratch, filled, open }, use) => {
    await cp(filled, dataFolder(scratch), { recursive: true });
    await use(() => open("memory"));
  },
  filled: [
    async ({}, use) =>
      inScratchFolder(async (folder) => {
        const lab = await Lab.start(["demo", "--data-dir", folder]);
        // The lab is ready a moment before its database is closed, and only a closed one can be copied.
        await until(
          "the database is closed",
          async () => !(await readdir(folder)).some((name) => /-(wal|shm)$/.test(name)),
        );
        await use(folder);
        await lab.end();
      }),
    { scope: "file" },
  ],
});
