import { expect, it } from "vitest";

import { shortcutOf } from "./shortcuts";

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

it("keys are gestures on the pages where they mean something", () => {
  const gesture = (key: string, held: Partial<typeof none> = {}, page: "connectors" | "connector" = "connector") =>
    shortcutOf({ ...none, ...held, key }, page);
  expect(gesture("F", { ctrlKey: true })).toBe("search");
  expect(gesture("n", { metaKey: true })).toBe("add");
  expect(gesture("2", { ctrlKey: true })).toBe("repairs");
  expect(gesture("3", { ctrlKey: true })).toBe("settings");
  expect(gesture("F5")).toBe("check");
  expect(gesture("F5", { shiftKey: true })).toBe("check_all");
  expect(gesture("Escape")).toBe("back");
  expect(gesture("ArrowLeft", { altKey: true })).toBe("back");
  expect(gesture("Escape", {}, "connectors")).toBeNull();
  expect(gesture("n")).toBeNull();
  expect(gesture("f", { ctrlKey: true, shiftKey: true })).toBeNull();
});
