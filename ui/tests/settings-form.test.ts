// A connector's settings as a form: what it needs stands first, what cannot be used is told where it stands, and what
// was typed is not lost by looking elsewhere.
import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";

import { NO_CHANGES } from "../src/features/connector/changes";
import type { FindingView } from "../src/api/types.gen";
import { fixtures } from "./fixtures";
import { MemoryBackend } from "./memory-backend";
import { openWindow } from "./open-window";

async function openSettings(name: string, backend = new MemoryBackend()) {
  const opened = await openWindow(backend);
  await opened.user.click(screen.getByRole("link", { name }));
  await opened.user.click(await screen.findByRole("tab", { name: /Settings/ }));
  await screen.findByLabelText("Name");
  return opened;
}

function refusing(code: string, text: string): MemoryBackend {
  const backend = new MemoryBackend();
  backend.refusals.set("edit", { code, text, hint: "Choose another." });
  return backend;
}

describe("what was typed", () => {
  it("is there again after another tab and another page", async () => {
    const { user } = await openSettings("Atlas Search");
    await user.type(screen.getByLabelText("Name"), " of ours");
    await user.click(screen.getByRole("tab", { name: "Tools 46" }));
    const tab = screen.getByRole("tab", { name: /Settings/ });
    expect(tab).toHaveAccessibleName("Settings not saved yet");
    await user.click(screen.getByRole("button", { name: "Back to Connectors" }));
    await user.click(screen.getByRole("link", { name: "Atlas Search" }));
    await user.click(await screen.findByRole("tab", { name: /Settings/ }));
    expect(await screen.findByLabelText("Name")).toHaveValue("Atlas Search of ours");
  });

  it("is gone once it is discarded", async () => {
    const { app, user } = await openSettings("Atlas Search");
    await user.type(screen.getByLabelText("Name"), " of ours");
    await user.click(screen.getByRole("button", { name: "Discard" }));
    expect(screen.getByLabelText("Name")).toHaveValue("Atlas Search");
    expect(app.drafts.size).toBe(0);
  });
});

describe("a refusal", () => {
  it("stands beside the field that it is about, and the cursor goes there", async () => {
    const { user } = await openSettings("Atlas Search", refusing("RPL-USE-NAME-TAKEN", "This name is taken."));
    const name = screen.getByLabelText("Name");
    await user.type(name, " 2");
    await user.type(screen.getByLabelText("Permissions to ask for"), "read");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(name).toHaveFocus());
    expect(name).toBeInvalid();
    expect(name).toHaveAccessibleDescription(/This name is taken\. Choose another\. RPL-USE-NAME-TAKEN/);
  });

  it("of a setting stands beside the one that was changed", async () => {
    const { user } = await openSettings("Atlas Search", refusing("RPL-USE-SETTING-INVALID", "It cannot be used."));
    const issuer = screen.getByLabelText("Sign-in service to expect");
    await user.type(issuer, "ftp://example");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(issuer).toHaveFocus());
    expect(issuer).toHaveAccessibleDescription(/It cannot be used\./);
  });

  it("of several changes at once stands beside Save", async () => {
    const { user } = await openSettings("Atlas Search", refusing("RPL-LOCAL-DISK", "The disk is full."));
    await user.type(screen.getByLabelText("Permissions to ask for"), "read");
    await user.type(screen.getByLabelText("Client name"), "Ours");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The disk is full. Choose another. RPL-LOCAL-DISK");
    expect(screen.getByLabelText("Name"), "it is about no single field").toBeValid();
    expect(screen.getByLabelText("Client name"), "nothing is lost").toHaveValue("Ours");
  });

  it("is not needed for a port that is none", async () => {
    const { backend, user } = await openSettings("Atlas Search");
    const port = screen.getByLabelText("Port");
    await user.type(port, "65536");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(port).toHaveFocus());
    expect(port).toHaveAccessibleDescription(/Enter a number from 1 to 65535/);
    expect(backend.callsOf("edit")).toEqual([]);
  });
});

describe("what a connector needs", () => {
  it("stands first, with why, the redirect address, and the way on to the sign-in", async () => {
    const { backend, user } = await openWindow();
    await user.click(screen.getByRole("button", { name: "Fix…, Fabrikam Git" }));
    await waitFor(async () => expect(await screen.findByLabelText("Client ID")).toHaveFocus());
    const [first] = screen.getAllByRole("group");
    if (first === undefined) throw new Error("the form has no parts");
    expect(first).toHaveTextContent("The service wants a client ID.");
    expect(within(first).getByText("http://127.0.0.1:41873/callback")).toBeVisible();
    await user.type(within(first).getByLabelText("Client ID"), "given-out");
    await user.click(screen.getByRole("button", { name: "Save and sign in" }));
    expect(await screen.findByRole("dialog", { name: "Sign in to Fabrikam Git" })).toBeVisible();
    expect(backend.callsOf("edit")).toEqual([["fabrikam", { ...NO_CHANGES, client_id: "given-out" }]]);
    expect(backend.callsOf("signIn")).toEqual([["fabrikam"]]);
  });

  it("has a line ready when it is a key", async () => {
    const atlas = fixtures.connector("atlas");
    const cause: FindingView = {
      id: "atlas:RPL-HTTP-KEY-NEEDED",
      code: "RPL-HTTP-KEY-NEEDED",
      severity: "error",
      owner: "settings",
      text: "The server wants a key.",
      hint: "Enter it.",
      actions: [{ id: "edit_settings", label: "Edit settings" }],
      evidence: [],
      said: null,
    };
    const health = { ...atlas.health, state: "needs_setup" as const, level: "amber" as const, cause };
    const { backend, user } = await openSettings("Atlas Search", new MemoryBackend([{ ...atlas, health }]));
    expect(screen.getByLabelText("Header")).toHaveValue("Authorization");
    expect(screen.getByRole("button", { name: "Save" }), "an empty line is no change").toBeDisabled();
    await user.type(screen.getByLabelText("Value of Authorization"), "Bearer example");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByText("Saved");
    const headers = [["Authorization", { do: "set", value: "Bearer example" }]];
    expect(backend.callsOf("edit")).toEqual([["atlas", { ...NO_CHANGES, headers }]]);
  });
});
