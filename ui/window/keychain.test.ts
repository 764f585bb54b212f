// A computer without a keychain: the encrypted file is chosen in the window, and its sign-ins outlive the window.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "vitest";

import type { ConnectorView } from "../src/api/types.gen";
import { type App, dataFolder, openedPages } from "./app";
import { filesHolding } from "./keyring";
import { test } from "./scene";
import { until } from "./until";

const PASSPHRASE = "correct horse battery staple";

async function onlyConnector(app: App): Promise<ConnectorView> {
  const [connector] = await app.page.ask<ConnectorView[]>("list");
  if (connector === undefined) throw new Error("there is no connector");
  return connector;
}

test("without a keychain sign-ins go into an encrypted file that is unlocked at the next start", async ({
  scratch,
  open,
  server,
}) => {
  const first = await open("none");
  await first.page.findText("RPL-KEY-MISSING");
  await first.page.click({ role: "button", name: "Keep them elsewhere…" });
  await first.page.typeHidden("New passphrase", PASSPHRASE);
  await first.page.typeHidden("The same once more", PASSPHRASE);
  await first.page.click({ role: "button", name: "Keep them there" });
  await first.page.gone("dialog");
  await first.page.findText("Sign-ins are now kept in the encrypted file");

  await first.page.click({ role: "button", name: "Add connector" });
  await first.page.type("Address", server.address);
  await first.page.click({ role: "button", name: "Add and sign in" });
  await first.page.find({ role: "heading", name: "Connected · 3 tools" });
  await first.page.click({ role: "button", name: "Done" });
  await first.page.gone("dialog");
  await first.quit();

  const second = await open("none");
  await second.page.find({ role: "dialog", name: "Unlock your sign-ins" });
  const before = await onlyConnector(second);
  expect(before.health.state, "the verdict is seen while the file is locked").toBe("connected");
  await second.page.typeHidden("Passphrase", "wrong");
  await second.page.click({ role: "button", name: "Unlock" });
  await second.page.findText("RPL-KEY-PASSPHRASE");
  await second.page.typeHidden("Passphrase", PASSPHRASE);
  await second.page.click({ role: "button", name: "Unlock" });
  await second.page.gone("dialog");
  const after = await until("the connector is checked again", async () => {
    const now = await onlyConnector(second);
    return now.health.checked_at !== before.health.checked_at && now;
  });
  expect(after.health.state, "the kept sign-in is used").toBe("connected");
  expect(after.sign_in.stored_in).toBe("file");
  expect(await openedPages(scratch), "the browser was opened for one sign-in").toEqual([`${server.issuer}/authorize`]);
  await second.quit();
  expect(await filesHolding([PASSPHRASE], scratch), "the passphrase is in no file").toEqual([]);
  const log = await readFile(join(dataFolder(scratch), "logs", "replug.log"), "utf8");
  expect(log).toContain("the window has started");
});
