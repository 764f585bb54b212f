// What the page may not do in the real web view, tried from inside it: foreign pages and data, code and markup made from
// text, and commands of the shell that the window was not given.
import { expect } from "vitest";

import { test } from "./scene";

/** How each attempt ended; "refused" where it threw or was stopped. */
type Outcomes = Record<string, string>;

test("the page reaches nothing foreign, runs no text, and has only its own commands", async ({ open, server }) => {
  const { page } = await open("memory");
  await page.find({ role: "heading", name: "Nothing is plugged in yet" });
  const outcomes = await page.run(async (foreign): Promise<Outcomes> => {
    const attempt = async (act: () => unknown): Promise<string> => {
      try {
        await act();
        return "done";
      } catch {
        return "refused";
      }
    };
    const picture = (): Promise<void> =>
      new Promise((done, refused) => {
        const image = new Image();
        image.onload = () => done();
        image.onerror = refused;
        image.src = `${foreign}/icon.png`;
      });
    const styled = document.createElement("p");
    styled.setAttribute("style", "color: rgb(1, 2, 3)");
    document.body.append(styled);
    const colour = getComputedStyle(styled).color;
    styled.remove();
    const { trustedTypes, __TAURI_INTERNALS__: shell } = window;
    return {
      "a request": await attempt(() => fetch(foreign, { mode: "no-cors" })),
      "a picture": await attempt(picture),
      "a second window": window.open(foreign) === null ? "refused" : "done",
      "an inline style": colour === "rgb(1, 2, 3)" ? "done" : "refused",
      // eslint-disable-next-line no-eval -- this is what must be refused
      "text as code": await attempt(() => globalThis.eval("1")),
      "text as markup": await attempt(() => document.body.insertAdjacentHTML("beforeend", "<b></b>")),
      "a policy of its own": await attempt(() => trustedTypes.createPolicy("another", {})),
      "closing the window": await attempt(() => shell.invoke("plugin:window|close")),
      "an event of its own": await attempt(() => shell.invoke("plugin:event|emit")),
      "its own command": await attempt(() => shell.invoke("about")),
    };
  }, server.issuer);
  expect(outcomes).toEqual({
    "a request": "refused",
    "a picture": "refused",
    "a second window": "refused",
    "an inline style": "refused",
    "text as code": "refused",
    "text as markup": "refused",
    "a policy of its own": "refused",
    "closing the window": "refused",
    "an event of its own": "refused",
    "its own command": "done",
  });
  const directives = (await page.takeComplaints()).map((complaint) => complaint.split(":")[0]);
  expect(directives, "each refusal is the policy's, not an accident").toEqual([
    "style-src-attr",
    "connect-src",
    "img-src",
    "require-trusted-types-for",
    "require-trusted-types-for",
    "trusted-types",
  ]);

  await page.run((foreign) => location.assign(foreign), server.address);
  await page.ask("about");
  expect(await page.run(() => location.origin), "no other page takes the window's place").toBe("tauri://localhost");
});
