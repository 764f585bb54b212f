import { expect, it } from "vitest";

import { visibleRange } from "./slice";

it("only rows in and near the visible part are drawn", () => {
  expect(visibleRange(1000, 48, 32, { top: 0, height: 480 })).toEqual([0, 16]);
  const [first, last] = visibleRange(1000, 48, 32, { top: 24_032, height: 480 });
  expect([first, last]).toEqual([494, 516]);
});

it("a group above or below the visible part draws nothing", () => {
  expect(visibleRange(10, 48, 0, { top: 5000, height: 480 })).toEqual([10, 10]);
  expect(visibleRange(10, 48, 9000, { top: 0, height: 480 })).toEqual([0, 0]);
  expect(visibleRange(10, 0, 0, { top: 0, height: 480 })).toEqual([0, 0]);
});
