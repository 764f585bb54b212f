// A connector from its address to its tools, through the real keyring and the system's way of opening a browser, and
// what is left of that when the window is opened again.
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "vitest";

import type { ConnectorView } from "../src/api/types.gen";
import { type App, dataFolder, openedPages } from "./app";
import { filesHolding, secretsOf } from "./keyring";
import { test } from "./scene";
import { until } from "./until";

/** What the engine says about the only connector, past the page: which check a verdict comes from is not shown there. */
async function onlyConnector(app: App): Promise<ConnectorView> {
  const [connector] = await app.page.ask<ConnectorView[]>("list");
  if (connector === undefined) throw new Error("there is no connector");
  return connector;
}

test("a sign-in in the browser is kept in the keyring and survives a restart", async ({ scratch, open, server }) => {
  const first = await open("keychain");
  await first.page.find({ role: "heading", name: "Nothing is plugged in yet" });
  await first.page.click({ role: "button", name: "Add connector" });
  await first.page.type("Address", server.address);
  await first.page.find({ role: "heading", name: "An MCP server. It asks you to sign in." });
  await first.page.click({ role: "button", name: "Add and sign in" });
  const { id, name } = await until("the connector is saved", () => onlyConnector(first).catch(() => undefined));
  await first.page.find({ role: "dialog", name: `Signed in to ${name}` });
  await first.page.find({ role: "heading", name: "Connected · 3 tools" });
  await first.page.click({ role: "button", name: "Done" });
  await first.page.gone("dialog");
  await first.page.click({ role: "link", name });
  await first.page.click({ role: "tab", name: "Tools 3" });
  await first.page.findText("3 tools");
  await first.quit();

  const second = await open("keychain");
  await second.page.click({ role: "link", name });
  const before = await onlyConnector(second);
  expect(before.health.state, "the verdict is kept").toBe("connected");
  await second.page.click({ role: "button", name: "Check again" });
  const after = await until("the check ends", async () => {
    const now = await onlyConnector(second);
    return now.health.checked_at !== before.health.checked_at && now;
  });
  expect(after.health.state, "the kept sign-in is used").toBe("connected");
  await second.page.find({ role: "heading", name: "Connected · 3 tools" });
  expect(await openedPages(scratch), "the browser was opened for one sign-in").toEqual([`${server.issuer}/authorize`]);

  const secrets = await secretsOf(id);
  await expectInNoFile(secrets, second.pid, scratch);
  await second.quit();
  await expectInNoFile(secrets, null, scratch);
});

/** Looks for the secrets in every file of the data folder, and in what other programs can see of a running window. */
async function expectInNoFile(secrets: string[], pid: number | null, scratch: string): Promise<void> {
  const planted = join(dataFolder(scratch), "planted");
  for (const secret of secrets) {
    await writeFile(planted, `{"hidden":"${Buffer.from(`..${secret}..`).toString("base64")}"}`);
    expect(await filesHolding([secret], scratch), "the search finds what is there").toEqual([planted]);
  }
  await rm(planted);
  expect(await filesHolding(secrets, scratch)).toEqual([]);
  if (pid === null) return;
  const visible = await Promise.all(["cmdline", "environ"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8")));
  expect(
    secrets.some((secret) => visible.join("\n").includes(secret)),
    "arguments and variables are public",
  ).toBe(false);
}
