// What is found on this computer: the first start, bringing in, what came with a project folder, the tab "Used in" and the
// repairs. Nothing is contacted or taken over that the person did not choose.
import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";

import { fixtures } from "./fixtures";
import { MemoryBackend } from "./memory-backend";
import { openWindow } from "./open-window";

const REFUSAL = { code: "RPL-LOCAL-DISK", text: "A file could not be written.", hint: "Check the disk." };

function withFinds(connectors = fixtures.connectors()): MemoryBackend {
  const backend = new MemoryBackend(connectors);
  backend.scanned = fixtures.scanned();
  return backend;
}

describe("the first start", () => {
  async function start() {
    const backend = withFinds([]);
    const opened = await openWindow(backend, "6 connectors are on this computer");
    return { ...opened, box: (name: string | RegExp) => screen.getByRole("checkbox", { name }) };
  }

  it("shows what is there, chooses the person's own and nothing from a project folder", async () => {
    const { backend, box } = await start();
    expect(screen.getAllByRole("checkbox")).toHaveLength(6);
    expect(box(/Adatum Search/)).toBeChecked();
    expect(box(/Aurora Docs/)).not.toBeChecked();
    expect(box(/Aurora Docs.*projects\/aurora/)).toBeVisible();
    expect(screen.getByText(/nobody was contacted/)).toBeVisible();
    expect(screen.queryByRole("navigation"), "there is nowhere else to go yet").toBeNull();
    expect(backend.callsOf("check")).toEqual([]);
  });

  it("brings in what is chosen, and checks it", async () => {
    const { backend, user, box } = await start();
    await user.click(screen.getByRole("button", { name: "Choose none" }));
    await user.click(box(/Adatum Search/));
    await user.click(screen.getByRole("button", { name: "Bring this one in" }));
    expect(await screen.findByRole("link", { name: "Adatum Search" })).toBeVisible();
    expect(backend.callsOf("importFound")).toEqual([[["found-1"]]]);
    expect(backend.callsOf("check")).toEqual([[["taken-1"]]]);
    expect(screen.getByText("1 connector brought in")).toBeVisible();
  });

  it("never checks what came with a project folder, and leads to what it says", async () => {
    const { backend, user, box } = await start();
    await user.click(screen.getByRole("button", { name: "Choose none" }));
    await user.click(box(/Aurora Docs/));
    await user.click(screen.getByRole("button", { name: "Bring this one in" }));
    await screen.findByText("1 waits until you allow what a project folder says.");
    expect(backend.callsOf("check")).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Approve…, Aurora Docs" }));
    const sheet = await screen.findByRole("dialog", { name: "Allow Aurora Docs?" });
    expect(await within(sheet).findByRole("row", { name: /url.*localhost:8931.*collector\.example/ })).toBeVisible();
    expect(within(sheet).getByRole("row", { name: "disabled false gone" })).toBeVisible();
    expect(within(sheet).getByText(/Something hidden changed too/)).toBeVisible();
    await user.click(within(sheet).getByRole("button", { name: "Allow" }));
    await waitFor(() => expect(backend.callsOf("check")).toEqual([[["taken-6"]]]));
    expect(backend.callsOf("approve")).toEqual([["taken-6", fixtures.definition().definition]]);
  });

  it("can be put off, and is a page afterwards", async () => {
    const { user } = await start();
    await user.click(screen.getByRole("button", { name: "Not now" }));
    expect(await screen.findByText("Nothing is plugged in yet")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Add connector" }));
    await user.click(await screen.findByRole("button", { name: "From this computer (6)…" }));
    expect(
      await screen.findByRole("heading", { name: "6 connectors on this computer can be brought in" }),
    ).toBeVisible();
    expect(screen.getByRole("navigation")).toBeVisible();
  });

  it("says why something could not be brought in, and stays", async () => {
    const { backend, user } = await start();
    backend.refusals.set("importFound", REFUSAL);
    await user.click(screen.getByRole("button", { name: "Bring these in (5)" }));
    expect(await screen.findByRole("alert")).toHaveTextContent(/A file could not be written/);
    expect(screen.getAllByRole("checkbox")).toHaveLength(6);
  });

  it("is not shown to somebody who has connectors", async () => {
    await openWindow(withFinds());
    expect(screen.getByRole("navigation")).toBeVisible();
    expect(screen.getByRole("link", { name: "Atlas Search" })).toBeVisible();
  });
});

it("a definition that changed while it was looked at is shown anew and not allowed", async () => {
  const aurora = fixtures.connector("aurora");
  const entry = fixtures.code("RPL-APP-NOT-APPROVED");
  const finding = { ...entry, id: entry.code, severity: "note" as const, evidence: [], said: null };
  const health = { ...aurora.health, cause: finding, findings: [finding] };
  const backend = new MemoryBackend([{ ...aurora, health, primary: { id: "allow", label: "Approve…" } }]);
  const { user } = await openWindow(backend);
  backend.refusals.set("approve", { ...REFUSAL, code: "RPL-APP-CHANGED-MEANWHILE", text: "The file changed." });
  await user.click(screen.getByRole("button", { name: "Approve…, Aurora Docs" }));
  const allow = await screen.findByRole("button", { name: "Allow" });
  await waitFor(() => expect(allow).toBeEnabled());
  await user.click(allow);
  expect(await screen.findByRole("alert")).toHaveTextContent("The file changed.");
  expect(backend.callsOf("projectDefinition")).toHaveLength(2);
  expect(backend.callsOf("check")).toEqual([]);
});

it("a connector's page tells which apps use it, in which files, and what differs there", async () => {
  const { user } = await openWindow(withFinds());
  await user.click(screen.getByRole("link", { name: "Northwind CRM" }));
  await user.click(await screen.findByRole("tab", { name: "Used in" }));
  const panel = within(screen.getByRole("tabpanel"));
  expect(panel.getAllByRole("heading", { level: 3 }).map(({ textContent }) => textContent)).toEqual([
    "Claude Code",
    "Cursor",
    "VS Code",
    "Apps reach this server with different settings.",
  ]);
  expect(panel.getByText("~/.cursor/config.json")).toBeVisible();
  await user.click(panel.getByText("Details"));
  expect(panel.getByText("headers, client ID")).toBeVisible();
  expect(panel.queryByRole("button", { name: "Show connector" }), "it is this one").toBeNull();
});

describe("the repairs", () => {
  async function openRepairs(backend = withFinds()) {
    const opened = await openWindow(backend);
    await opened.user.click(screen.getByRole("button", { name: /^Repairs/ }));
    await screen.findByRole("heading", { level: 1, name: "Repairs" });
    return opened;
  }
  const group = (name: string) => within(screen.getByRole("region", { name }));

  it("stand in groups by what mending them means, with what was seen and how sure it is", async () => {
    const { user } = await openRepairs();
    expect(screen.getByText("6 findings in 5 apps")).toBeVisible();
    expect(group("Mending loses nothing").getAllByRole("listitem")).toHaveLength(2);
    const unreadable = group("Needs a choice from you").getByText("This app's file cannot be read.").closest("li");
    expect(unreadable).toHaveTextContent("RPL-APP-FILE-UNREADABLE");
    await user.click(within(unreadable as HTMLElement).getByText("Details"));
    expect(within(unreadable as HTMLElement).getByText("a comma is missing")).toBeVisible();
    const orphan = group("Lies in an app's file").getByText("This stored sign-in appears unused.").closest("li");
    expect(orphan).toHaveTextContent("Appears so; something unknown may use it");
  });

  it("offer no button that does nothing", async () => {
    const { user } = await openRepairs();
    const names = within(screen.getByRole("main"))
      .getAllByRole("button")
      .map((button) => button.textContent);
    expect(names.filter((name) => /fix|undo|clear/i.test(name))).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Show connector" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Northwind CRM" })).toBeVisible();
    expect(screen.getByRole("tab", { name: "Used in" })).toHaveAttribute("aria-selected", "true");
  });

  it("are looked for again, and say so when there is nothing", async () => {
    const { backend, user } = await openRepairs();
    backend.scanned = { connectors: [], findings: [], local_servers: [] };
    await user.click(screen.getByRole("button", { name: "Look again" }));
    expect(await screen.findByText("Nothing to mend")).toBeVisible();
    backend.refusals.set("scan", REFUSAL);
    await user.click(screen.getByRole("button", { name: "Look again" }));
    expect(await screen.findByText("Replug cannot look through the apps on this computer")).toBeVisible();
  });

  it("keep what was seen while they look, whatever order the answers come in", async () => {
    const { app, backend } = await openRepairs();
    let first = (): void => undefined;
    vi.spyOn(backend, "scan").mockReturnValueOnce(
      new Promise((resolve) => (first = () => resolve({ connectors: [], findings: [], local_servers: [] }))),
    );
    const early = app.found.look(backend);
    await app.found.look(backend);
    first();
    await early;
    expect(app.found.findings).toHaveLength(6);
  });
});
