import { mkdtemp, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { App } from "./app";
test("x", async () => {
  const scratch = await mkdtemp("/tmp/window-dev/t.");
  const app = await App.start({ scratch, secrets: "keychain" });
  try {
    await app.page.find({ role: "heading", name: "Nothing is plugged in yet" });
    await writeFile("/tmp/window-dev/empty.png", await app.session.screenshot());
    await new Promise((r) => setTimeout(r, 1500));
    await writeFile("/tmp/window-dev/empty2.png", await app.session.screenshot());
    await (await import("./programs")).run("scrot", ["--overwrite", "/tmp/window-dev/empty3.png"]);
    expect(await app.page.flaws()).toEqual([]);
    expect(await app.page.complaints()).toEqual([]);
    await app.quit();
  } finally { await app.end(); }
});
