// A server that names another sign-in service than before: both are seen side by side, and what a person decides can be
// taken back.
import { screen, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";

import type { FindingView } from "../src/api/types.gen";
import { NO_CHANGES } from "../src/features/connector/changes";
import { fixtures } from "./fixtures";
import { MemoryBackend } from "./memory-backend";
import { openWindow } from "./open-window";

const [OLD, NEW] = ["https://login.northwind.example", "https://id.northwind-cloud.example"];

function moved(): MemoryBackend {
  const entry = fixtures.code("RPL-AUTH-ISSUER-CHANGED");
  const cause: FindingView = {
    ...entry,
    id: `northwind:${entry.code}`,
    severity: "warning",
    evidence: [
      { label: "Used until now", value: OLD },
      { label: "Named now", value: NEW },
    ],
    said: null,
  };
  const northwind = fixtures.connector("northwind");
  const health = { ...northwind.health, state: "needs_sign_in" as const, cause, findings: [cause] };
  return new MemoryBackend([{ ...northwind, health }]);
}

describe("a sign-in at another service than before", () => {
  it("waits for the person, who sees both hosts", async () => {
    const { backend, user } = await openWindow(moved());
    await user.click(screen.getByRole("button", { name: "Sign in again, Northwind CRM" }));
    backend.emit({ kind: "sign_in", progress: fixtures.movedProgress() });
    const both = await screen.findByRole("region", { name: "The sign-in service changed" });
    expect(both).toHaveTextContent("Until now login.northwind.example");
    expect(both).toHaveTextContent("Named by the server now id.northwind-cloud.example");
    expect(screen.getByText(/gets nothing of the old one/)).toBeVisible();
    expect(screen.getByRole("button", { name: "Cancel" })).toHaveClass("button-solid");
    expect(backend.callsOf("confirmSignIn")).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Go on with the new one" }));
    expect(backend.callsOf("confirmSignIn")).toEqual([["northwind"]]);
  });
});

describe("the sign-in service to expect", () => {
  async function openSettings() {
    const opened = await openWindow(moved());
    await opened.user.click(screen.getByRole("link", { name: "Northwind CRM" }));
    await opened.user.click(await screen.findByRole("tab", { name: /Settings/ }));
    return opened;
  }

  it("is offered as the one that the server names now, and kept by Save only", async () => {
    const { backend, user } = await openSettings();
    const part = within(await screen.findByRole("group", { name: "What the sign-in asks for" }));
    expect(part.getByText(NEW)).toBeVisible();
    await user.click(part.getByRole("button", { name: "Expect this one" }));
    expect(part.getByText("Replug signs in nowhere else for this connector.")).toBeVisible();
    expect(backend.callsOf("edit")).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(backend.callsOf("edit")).toEqual([["northwind", { ...NO_CHANGES, issuer: NEW }]]);
  });

  it("can be let go again", async () => {
    const { user } = await openSettings();
    const field = await screen.findByLabelText("Sign-in service to expect");
    await user.type(field, NEW);
    await user.click(screen.getByRole("button", { name: "Follow the server again" }));
    expect(field).toHaveValue("");
    expect(screen.getByRole("button", { name: "Save" }), "nothing is left to save").toBeDisabled();
  });
});
