// Closing the window over settings that are not saved: the person is asked, and nothing else holds the window.
import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";

import { MemoryBackend } from "./memory-backend";
import { openWindow } from "./open-window";

async function typing() {
  const opened = await openWindow();
  await opened.user.click(screen.getByRole("link", { name: "Atlas Search" }));
  await opened.user.click(await screen.findByRole("tab", { name: /Settings/ }));
  await opened.user.type(await screen.findByLabelText("Name"), " of ours");
  return opened;
}

describe("closing the window", () => {
  it("is asked about while settings are not saved, and the question loses nothing by itself", async () => {
    const { backend, user } = await typing();
    expect(backend.callsOf("tellUnsaved")).toEqual([[false], [true]]);
    backend.close();
    const question = await screen.findByRole("alertdialog", { name: "Close without saving?" });
    expect(question).toHaveTextContent("Changed settings of Atlas Search are not saved.");
    expect(backend.callsOf("tellUnsaved"), "the window hears that it is being asked").toHaveLength(3);
    await waitFor(() => expect(within(question).getByRole("button", { name: "Stay" })).toHaveFocus());
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
    expect(screen.getByLabelText("Name")).toHaveValue("Atlas Search of ours");
    expect(backend.callsOf("closeWindow")).toEqual([]);
  });

  it("goes on when the person says so", async () => {
    const { backend, user } = await typing();
    backend.close();
    await user.click(await screen.findByRole("button", { name: "Close without saving" }));
    expect(backend.callsOf("closeWindow")).toHaveLength(1);
  });

  it("is asked about over another sheet, which stays", async () => {
    const { backend, user } = await typing();
    await user.keyboard("{Control>}n{/Control}");
    await screen.findByRole("dialog", { name: "Add connector" });
    backend.close();
    await user.click(await screen.findByRole("button", { name: "Stay" }));
    expect(await screen.findByRole("dialog", { name: "Add connector" })).toBeVisible();
  });

  it("is not held up by what was saved or discarded meanwhile", async () => {
    const { backend, user } = await typing();
    await user.click(screen.getByRole("button", { name: "Discard" }));
    await waitFor(() => expect(backend.callsOf("tellUnsaved").at(-1)).toEqual([false]));
    backend.close();
    await waitFor(() => expect(backend.callsOf("closeWindow")).toHaveLength(1));
    expect(screen.queryByRole("alertdialog")).toBeNull();
  });

  it("is not held up by settings of a connector that is gone", async () => {
    const { backend } = await typing();
    backend.connectors = backend.connectors.filter(({ id }) => id !== "atlas");
    backend.emit({ kind: "connectors_changed" });
    await screen.findByText("This connector is not here any more");
    await waitFor(() => expect(backend.callsOf("tellUnsaved").at(-1)).toEqual([false]));
  });

  it("is never asked about in a window that nothing was typed into", async () => {
    const backend = new MemoryBackend();
    await openWindow(backend);
    expect(backend.callsOf("tellUnsaved")).toEqual([[false]]);
  });
});
