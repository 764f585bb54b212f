import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";

import { fixtures } from "./fixtures";
import { MemoryBackend } from "./memory-backend";
import { openWindow } from "./open-window";

const REFUSAL = {
  code: "RPL-LOCAL-DATABASE",
  text: "Replug's database could not be read or written.",
  hint: "Check that the disk has room.",
};
const row = (name: string) => screen.getByRole("link", { name }).closest("li") as HTMLElement;

describe("the list", () => {
  it("says state, cause and way out of every connector, and nothing else is green", async () => {
    await openWindow();
    expect(within(row("Fabrikam Git")).getByText("Needs details")).toBeVisible();
    expect(within(row("Fabrikam Git")).getByText("The service wants a client ID.")).toBeVisible();
    expect(within(row("Atlas Search")).getByText("Connected · 46 tools")).toBeVisible();
    expect(document.querySelectorAll("li .tone-ok.lamp")).toHaveLength(3);
  });

  it("keeps the old verdict under the ring while a check runs, and tells a new one once", async () => {
    const { backend } = await openWindow();
    backend.emit({ kind: "check_started", id: "contoso" });
    backend.emit({ kind: "check_step", id: "contoso", number: 4, of: 14 });
    const contoso = row(fixtures.connector("contoso").name);
    expect(await within(contoso).findByText("Checking now… step 4 of 14")).toBeVisible();
    expect(within(contoso).getByText("Failed")).toBeVisible();

    const mended = { ...fixtures.connector("contoso"), health: fixtures.connector("atlas").health };
    backend.emit({ kind: "check_ended", connector: mended });
    expect(await screen.findByText("Works again.")).toBeVisible();
    expect(await screen.findByText(`${mended.name}: Connected · 46 tools`)).toBeInTheDocument();
  });

  it("is not turned back by a list that was read before the verdict", async () => {
    const { backend } = await openWindow();
    const contoso = fixtures.connector("contoso");
    let answer = (): void => undefined;
    const list = vi.spyOn(backend, "list").mockReturnValueOnce(
      new Promise((resolve) => {
        answer = () => resolve(fixtures.connectors());
      }),
    );
    backend.emit({ kind: "connectors_changed" });
    const mended = { ...contoso, health: fixtures.connector("atlas").health };
    backend.connectors = backend.connectors.map((known) => (known.id === mended.id ? mended : known));
    backend.emit({ kind: "check_ended", connector: mended });
    answer();
    await vi.waitUntil(() => list.mock.calls.length === 2);
    expect(within(row(contoso.name)).getByText("Connected · 46 tools")).toBeVisible();
    expect(within(row(contoso.name)).queryByText("Failed")).toBeNull();
  });

  it("does not move a row while somebody is in the list", async () => {
    const { backend, user } = await openWindow();
    const names = () => screen.getAllByRole("link").map((link) => link.textContent);
    const before = names();
    await user.hover(row("Northwind CRM"));
    backend.emit({
      kind: "check_ended",
      connector: { ...fixtures.connector("northwind"), health: fixtures.connector("atlas").health },
    });
    expect(await screen.findByText("Works again.")).toBeVisible();
    expect(names()).toEqual(before);
    await user.hover(screen.getByRole("heading", { level: 1 }));
    await waitFor(() => expect(names()).not.toEqual(before));
  });

  it("says why the list cannot be read and reads it again", async () => {
    const backend = new MemoryBackend();
    backend.refusals.set("list", REFUSAL);
    const { user } = await openWindow(backend);
    expect(screen.getByText("Replug cannot open its list")).toBeVisible();
    expect(screen.getByText("RPL-LOCAL-DATABASE")).toBeVisible();
    backend.refusals.delete("list");
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("link", { name: "Atlas Search" })).toBeVisible();
  });

  it("says so when nothing is there, nothing is found and nothing passes the filter", async () => {
    const { user, app } = await openWindow();
    await user.type(screen.getByRole("searchbox"), "jira");
    expect(screen.getByText("Nothing is called “jira”")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Clear search" }));
    app.connectors.replaceAll([]);
    expect(await screen.findByText("Nothing is plugged in yet")).toBeVisible();
  });

  it("shows a refused gesture with its sentence, hint and code", async () => {
    const { backend, user } = await openWindow();
    backend.refusals.set("check", REFUSAL);
    await user.click(screen.getByRole("button", { name: "Check all" }));
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent(
      "Replug's database could not be read or written. Check that the disk has room. RPL-LOCAL-DATABASE",
    );
  });

  it("removes a connector only after saying what will happen", async () => {
    const { backend, user } = await openWindow();
    await user.click(screen.getByRole("button", { name: "More for Proseware Wiki" }));
    // Without layout the menu's anchor has no size, so the menu library hides it.
    await user.click(await screen.findByText("Remove…"));
    const question = await screen.findByRole("alertdialog");
    expect(question).toHaveTextContent("Cursor, Claude Code, Zed keep their own entries for this server.");
    expect(backend.callsOf("remove")).toEqual([]);
    await user.click(within(question).getByRole("button", { name: "Remove" }));
    expect(await screen.findByText("Connector removed")).toBeVisible();
    expect(screen.queryByRole("link", { name: "Proseware Wiki" })).toBeNull();
  });
});

describe("adding", () => {
  async function look(address: string) {
    const opened = await openWindow();
    await opened.user.click(screen.getByRole("button", { name: "Add connector" }));
    await opened.user.type(await screen.findByLabelText("Address"), `${address}{Enter}`);
    return opened;
  }

  it("saves nothing while it looks", async () => {
    const { backend } = await look("https://open.example/mcp");
    expect(await screen.findByText("An MCP server. No sign-in needed.")).toBeVisible();
    expect(backend.callsOf("add")).toEqual([]);
  });

  it("leads a server that wants a key to the field for it", async () => {
    const { user, app } = await look("https://key.example/mcp");
    await user.click(await screen.findByRole("button", { name: "Add and enter key…" }));
    await waitFor(() => expect(app.navigation.place).toMatchObject({ tab: "settings", field: "headers" }));
  });

  it("says why an address is no server and still lets the person add it", async () => {
    const { backend, user } = await look("https://kestrel.example/docs");
    expect(await screen.findByText("RPL-MCP-NOT-MCP")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Add anyway" }));
    expect(backend.callsOf("add")[0]?.[1]).toBe(false);
  });

  it("drops the answer to an address that is no longer there", async () => {
    const { user } = await look("https://open.example/mcp");
    await screen.findByText("An MCP server. No sign-in needed.");
    await user.type(screen.getByLabelText("Address"), "x");
    expect(screen.queryByText("An MCP server. No sign-in needed.")).toBeNull();
  });
});

describe("signing in", () => {
  async function begin() {
    const opened = await openWindow();
    await opened.user.click(screen.getByRole("button", { name: "Sign in again, Northwind CRM" }));
    return opened;
  }

  it("warns of an unusual host and makes Cancel the solid button", async () => {
    const { backend, user } = await begin();
    backend.emit({ kind: "sign_in", progress: fixtures.progress("confirm") });
    expect(await screen.findByText("xn--nrthwind-nbh.example", { selector: "b" })).toBeVisible();
    expect(screen.getByRole("button", { name: "Cancel" })).toHaveClass("button-solid");
    await user.click(screen.getByRole("button", { name: "Open it anyway" }));
    expect(backend.callsOf("confirmSignIn")).toEqual([["northwind"]]);
  });

  it("takes a pasted address, and says why it cannot be used", async () => {
    const { backend, user } = await begin();
    backend.emit({ kind: "sign_in", progress: fixtures.progress("waiting") });
    await user.click(await screen.findByText("I was shown an address that does not load"));
    backend.refusals.set("pasteCallback", REFUSAL);
    await user.type(screen.getByLabelText("Address from your browser"), "http://127.0.0.1:41873/callback?code=a");
    await user.click(screen.getByRole("button", { name: "Use it" }));
    expect(await screen.findByText(/could not be read or written/)).toBeVisible();
    expect(backend.callsOf("pasteCallback")).toEqual([["northwind", "http://127.0.0.1:41873/callback?code=a"]]);
  });

  it("ends in the health verdict, not in success", async () => {
    const { backend } = await begin();
    const still = { ...fixtures.progress("done"), connector: fixtures.connector("northwind") };
    backend.emit({ kind: "sign_in", progress: still });
    const sheet = await screen.findByRole("dialog", { name: "Signed in to Northwind CRM" });
    expect(within(sheet).getByText("Connected, but no tools")).toBeVisible();
    expect(within(sheet).queryByText(/success/i)).toBeNull();
  });

  it("says what went wrong and starts again", async () => {
    const { backend, user } = await begin();
    backend.emit({ kind: "sign_in", progress: fixtures.deniedProgress() });
    expect(await screen.findByText("The sign-in was denied in the browser.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Start again" }));
    expect(backend.callsOf("signIn")).toHaveLength(2);
  });

  it("shows a refused start in the sheet", async () => {
    const backend = new MemoryBackend();
    backend.refusals.set("signIn", REFUSAL);
    const { user } = await openWindow(backend);
    await user.click(screen.getByRole("button", { name: "Sign in again, Northwind CRM" }));
    expect(await screen.findByText("RPL-LOCAL-DATABASE")).toBeVisible();
  });

  it("is cancelled by Cancel and only hidden by Escape", async () => {
    const { backend, user } = await begin();
    await user.keyboard("{Escape}");
    expect(backend.callsOf("cancelSignIn")).toEqual([]);
    await user.click(await screen.findByRole("button", { name: "Show, Northwind CRM" }));
    await user.click(await screen.findByRole("button", { name: "Cancel" }));
    expect(backend.callsOf("cancelSignIn")).toEqual([["northwind"]]);
    const error = { code: "RPL-LOCAL-CANCELLED", text: "It was cancelled.", hint: "Start it again when it suits." };
    backend.emit({ kind: "sign_in", progress: { ...fixtures.deniedProgress(), error } });
    await waitFor(() => expect(screen.queryByRole("button", { name: "Show, Northwind CRM" })).toBeNull());
    expect(screen.queryByText("It was cancelled."), "the person knows already").toBeNull();
  });

  it("behind a hidden sheet says why it came to nothing", async () => {
    const { backend, user } = await begin();
    await user.keyboard("{Escape}");
    backend.emit({ kind: "sign_in", progress: fixtures.deniedProgress() });
    expect(await screen.findByRole("alert")).toHaveTextContent("The sign-in was denied in the browser.");
  });
});
