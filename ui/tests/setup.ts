// Before every unit test: times are told in UTC, what jsdom lacks is filled in, and any word on the console is a
// failure.
import "@testing-library/jest-dom/vitest";

import { cleanup } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, vi } from "vitest";

process.env["TZ"] = "UTC";

const CHANNELS = ["log", "info", "warn", "error", "debug"] as const;
let said: string[] = [];

class NoObserver implements ResizeObserver {
  observe(): void {
    // jsdom lays nothing out, so there is nothing to observe.
  }
  unobserve(): void {
    // See above.
  }
  disconnect(): void {
    // See above.
  }
}

beforeEach(() => {
  said = [];
  for (const channel of CHANNELS)
    vi.spyOn(console, channel).mockImplementation((...words) => void said.push(words.map(String).join(" ")));
  vi.stubGlobal("ResizeObserver", NoObserver);
  // jsdom has no layout: a list of this height draws its first rows.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  Element.prototype.scrollIntoView = () => undefined;
});

afterEach(() => {
  cleanup();
  expect(said, "the console stays silent").toEqual([]);
});
