// Opens the whole window on a backend in memory, with the time of the fixtures.
import { render, screen } from "@testing-library/svelte";
import userEvent, { type UserEvent } from "@testing-library/user-event";

import { vi } from "vitest";

import Window from "../src/features/frame/Window.svelte";
import { App } from "../src/state/app.svelte";
import { NOW } from "./fixtures";
import { MemoryBackend } from "./memory-backend";

export interface Opened {
  app: App;
  backend: MemoryBackend;
  user: UserEvent;
}

/** Resolves when the list has been read, however that ended, and the page with this heading is there. */
export async function openWindow(backend = new MemoryBackend(), heading = "Connectors"): Promise<Opened> {
  const user = userEvent.setup();
  const app = new App(backend, () => NOW);
  render(Window, { app });
  await screen.findByRole("heading", { level: 1, name: heading });
  await vi.waitUntil(() => app.connectors.status !== "loading");
  return { app, backend, user };
}
