import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";

import type { About } from "../src/api/types.gen";
import { fixtures } from "./fixtures";
import { MemoryBackend } from "./memory-backend";
import { type Opened, openWindow } from "./open-window";

const PASSPHRASE = "correct horse battery staple";
const MISSING = {
  code: "RPL-KEY-MISSING",
  text: "This computer has no keychain that Replug can use.",
  hint: "Choose a passphrase for an encrypted file, or keep sign-ins until Replug ends.",
};
const LOCKED = { code: "RPL-KEY-LOCKED", text: "The keychain is locked.", hint: "Unlock the keychain and try again." };
const SHUT = { code: "RPL-KEY-FILE-LOCKED", text: "Your sign-ins are locked.", hint: "Unlock them." };
const WRONG = { code: "RPL-KEY-PASSPHRASE", text: "The passphrase is wrong.", hint: "Enter the one that was chosen." };

function openWith(about: Partial<About>): Promise<Opened> {
  const backend = new MemoryBackend();
  backend.aboutText = { ...fixtures.about(), ...about };
  return openWindow(backend);
}

const openLocked = (): Promise<Opened> =>
  openWith({ stored_in: "file", keychain_problem: SHUT, passphrase_needed: true, has_file: true });
const button = (name: string) => screen.getByRole("button", { name });

describe("a computer without a keychain", () => {
  it("says so, and offers to try again, a file and memory, but no plain file", async () => {
    const { user, backend } = await openWith({ keychain_problem: MISSING });
    expect(await screen.findByText(MISSING.text)).toBeVisible();
    await user.click(button("Keep them elsewhere…"));
    const sheet = await screen.findByRole("dialog", { name: "Where to keep your sign-ins" });
    expect(
      within(sheet)
        .getAllByRole("radio")
        .map((radio) => radio.getAttribute("value")),
    ).toEqual(["file", "memory"]);
    await user.click(within(sheet).getByRole("button", { name: "Cancel" }));
    await user.click(button("Try again"));
    expect(backend.callsOf("tryKeychain")).toHaveLength(1);
    await waitFor(() => expect(screen.queryByText(MISSING.text)).toBeNull());
  });

  it("takes a passphrase that was typed twice, and says what became of the sign-ins", async () => {
    const { user, backend } = await openWith({ keychain_problem: MISSING });
    await user.click(await screen.findByRole("button", { name: "Keep them elsewhere…" }));
    const go = await screen.findByRole("button", { name: "Keep them there" });
    expect(go).toBeDisabled();
    await user.type(screen.getByLabelText("New passphrase"), PASSPHRASE);
    expect(screen.getByText("Strong.")).toBeVisible();
    await user.type(screen.getByLabelText("The same once more"), "correct house");
    expect(screen.getByText("The two are not the same.")).toBeVisible();
    expect(go).toBeDisabled();
    await user.clear(screen.getByLabelText("The same once more"));
    await user.type(screen.getByLabelText("The same once more"), PASSPHRASE);
    await user.click(go);
    expect(backend.callsOf("keepSignInsIn")).toEqual([[{ store: "file", passphrase: PASSPHRASE, fresh: false }]]);
    expect(await screen.findByText("Sign-ins are now kept in the encrypted file")).toBeVisible();
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("keeps them in memory for this run when that is chosen", async () => {
    const { user, backend } = await openWith({ keychain_problem: MISSING });
    await user.click(await screen.findByRole("button", { name: "Keep them elsewhere…" }));
    await user.click(await screen.findByRole("radio", { name: /Memory, for this run only/ }));
    await user.click(button("Keep them there"));
    expect(backend.callsOf("keepSignInsIn")).toEqual([[{ store: "memory" }]]);
  });

  it("empties the fields after a refusal", async () => {
    const { user, backend } = await openWith({ keychain_problem: MISSING });
    backend.refusals.set("keepSignInsIn", WRONG);
    await user.click(await screen.findByRole("button", { name: "Keep them elsewhere…" }));
    await user.type(await screen.findByLabelText("New passphrase"), PASSPHRASE);
    await user.type(screen.getByLabelText("The same once more"), `${PASSPHRASE}{Enter}`);
    expect(await screen.findByText("The passphrase is wrong.")).toBeVisible();
    for (const label of ["New passphrase", "The same once more"]) expect(screen.getByLabelText(label)).toHaveValue("");
  });
});

describe("a keychain that is locked", () => {
  it("asks the person to unlock it while its own window is open, and goes on by itself", async () => {
    const { user, backend } = await openWith({ keychain_problem: LOCKED });
    backend.refusals.set("tryKeychain", LOCKED);
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Unlock your keychain")).toBeVisible();
    backend.aboutText = fixtures.about();
    backend.emit({ kind: "keychain_changed" });
    await waitFor(() => expect(screen.queryByText("Unlock your keychain")).toBeNull());
    expect(screen.queryByText(LOCKED.text)).toBeNull();
  });
});

describe("the encrypted file", () => {
  it("is asked for at the start, with the connectors behind the question", async () => {
    const { user, backend, app } = await openLocked();
    const sheet = await screen.findByRole("dialog", { name: "Unlock your sign-ins" });
    expect(app.connectors.size).toBe(fixtures.connectors().length);
    const field = within(sheet).getByLabelText("Passphrase");
    await waitFor(() => expect(field).toHaveFocus());
    await user.type(field, `${PASSPHRASE}{Enter}`);
    expect(backend.callsOf("unlockSignIns")).toEqual([[PASSPHRASE]]);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(screen.queryByText(SHUT.text)).toBeNull();
  });

  it("can be unlocked later, and says so until then", async () => {
    const { user } = await openLocked();
    await user.click(await screen.findByRole("button", { name: "Later" }));
    expect(screen.getByText(SHUT.text)).toBeVisible();
    await user.click(button("Unlock…"));
    expect(await screen.findByRole("dialog", { name: "Unlock your sign-ins" })).toBeVisible();
  });

  it("says that a passphrase is wrong and empties the field", async () => {
    const { user, backend } = await openLocked();
    backend.refusals.set("unlockSignIns", WRONG);
    const field = await screen.findByLabelText("Passphrase");
    await user.type(field, "wrong{Enter}");
    expect(await screen.findByText("The passphrase is wrong.")).toBeVisible();
    const emptied = screen.getByLabelText("Passphrase");
    expect(emptied).toHaveValue("");
    await waitFor(() => expect(emptied).toHaveFocus());
  });

  it("is begun anew by whoever forgot the passphrase, and the old file is named", async () => {
    const { user, backend } = await openLocked();
    await user.click(await screen.findByRole("button", { name: "Forgot it…" }));
    expect(screen.getByRole("dialog", { name: "Begin a new encrypted file" })).toBeVisible();
    await user.type(screen.getByLabelText("New passphrase"), PASSPHRASE);
    await user.type(screen.getByLabelText("The same once more"), PASSPHRASE);
    await user.click(button("Begin a new file"));
    expect(backend.callsOf("keepSignInsIn")).toEqual([[{ store: "file", passphrase: PASSPHRASE, fresh: true }]]);
    expect(await screen.findByText("The old file is kept as secrets-20261120T094100Z.enc.")).toBeVisible();
  });

  it("gets another passphrase in the settings", async () => {
    const { user, backend } = await openWith({ stored_in: "file", has_file: true });
    await user.click(button("Settings"));
    await user.click(await screen.findByRole("button", { name: "Change passphrase…" }));
    await user.type(await screen.findByLabelText("Passphrase until now"), "old");
    await user.type(screen.getByLabelText("New passphrase"), PASSPHRASE);
    await user.type(screen.getByLabelText("The same once more"), PASSPHRASE);
    await user.click(button("Change"));
    expect(backend.callsOf("changePassphrase")).toEqual([["old", PASSPHRASE]]);
    expect(await screen.findByText("The passphrase is changed")).toBeVisible();
  });
});

describe("what is said unasked", () => {
  it("tells that the database was rebuilt", async () => {
    const notice = { code: "RPL-LOCAL-DATABASE-DAMAGED", text: "The database was damaged.", hint: "Look through it." };
    await openWith({ notice });
    expect(await screen.findByText(notice.text)).toBeVisible();
    expect(screen.getByText(notice.code)).toBeVisible();
  });

  it("shows the folder of the log", async () => {
    const { user, backend } = await openWith({});
    await user.click(button("Settings"));
    await user.click(await screen.findByRole("button", { name: "Show logs" }));
    expect(backend.callsOf("showLogs")).toHaveLength(1);
  });
});
