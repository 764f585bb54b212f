// The first start on a computer with AI apps: what they have is shown and brought in, and nobody is asked anything that the
// person has not chosen.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { expect } from "vitest";

import type { ConnectorView } from "../src/api/types.gen";
import { homeFolder } from "./app";
import { test } from "./scene";

async function writeJson(path: string, content: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(content));
}

test("what the apps have is brought in, and a project's server only after it was seen and allowed", async ({
  scratch,
  open,
  server,
}) => {
  const home = homeFolder(scratch);
  const project = join(home, "aurora");
  await writeJson(join(home, ".cursor/mcp.json"), { mcpServers: { shelf: { url: server.address } } });
  await writeJson(join(home, ".claude.json"), { projects: { [project]: { mcpServers: {} } } });
  await writeJson(join(project, ".cursor/mcp.json"), { mcpServers: { foreign: { url: "http://127.0.0.1:9/mcp" } } });

  const app = await open("memory");
  const { page } = app;
  await page.find({ role: "heading", name: "2 connectors are on this computer" });
  expect(await page.flaws(), "the first start").toEqual([]);
  const boxes = await page.run(() =>
    [...document.querySelectorAll<HTMLInputElement>("main input")].map(({ checked }) => checked),
  );
  expect(boxes, "the person's own is chosen, the project's is not").toEqual([true, false]);
  expect(await page.ask<ConnectorView[]>("list"), "nothing is brought in unasked").toEqual([]);

  await page.run(() => document.querySelectorAll<HTMLInputElement>("main input")[1]?.click());
  await page.click({ role: "button", name: "Bring these in (2)" });
  await page.findText("2 connectors brought in");
  await page.findText("1 waits until you allow what a project folder says.");
  await page.findText("Needs sign-in");
  const foreign = (await page.ask<ConnectorView[]>("list")).find(({ host }) => host === "127.0.0.1:9");
  expect(foreign?.health.checked_at, "nobody has asked it").toBeNull();
  await app.quit();
});
