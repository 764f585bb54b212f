import { describe, expect, it } from "vitest";

import { ageWords, countdown, dateWords, durationWords, lastDays, untilWords } from "./time";

const NOW = Date.parse("2026-11-20T09:41:00Z");

describe("an age", () => {
  it.each([
    ["2026-11-20T09:40:30Z", "just now"],
    ["2026-11-20T09:39:00Z", "2 min ago"],
    ["2026-11-20T08:41:01Z", "59 min ago"],
    ["2026-11-20T08:10:00Z", "at 08:10"],
    ["2026-11-19T23:59:00Z", "yesterday"],
    ["2026-11-14T12:00:00Z", "14 November"],
    ["2025-11-14T12:00:00Z", "14 November 2025"],
    ["2026-11-20T09:45:00Z", "just now"],
  ])("of %s is told as %s", (time, told) => {
    expect(ageWords(time, NOW)).toBe(told);
  });
});

describe("an end", () => {
  it.each([
    ["2026-11-20T09:41:20Z", "in less than a minute"],
    ["2026-11-20T09:50:06Z", "in 10 min"],
    ["2026-11-20T18:42:00Z", "today at 18:42"],
    ["2026-11-21T08:00:00Z", "tomorrow at 08:00"],
    ["2026-12-24T08:00:00Z", "24 December at 08:00"],
    ["2026-11-20T09:39:00Z", "ended 2 min ago"],
  ])("at %s is told as %s", (time, told) => {
    expect(untilWords(time, NOW)).toBe(told);
  });
});

it("durations are whole milliseconds below a second and one decimal above", () => {
  expect([0, 61.4, 999, 1000, 12_345].map(durationWords)).toEqual(["0 ms", "61 ms", "999 ms", "1.0 s", "12.3 s"]);
});

it("a countdown never goes below zero", () => {
  expect(countdown("2026-11-20T09:50:06Z", NOW)).toBe("9:06");
  expect(countdown("2026-11-20T09:40:00Z", NOW)).toBe("0:00");
});

it("the last days end today and cross a month's end", () => {
  const days = lastDays(30, NOW);
  expect([days.length, days[0], days[9], days[10], days[29]]).toEqual([
    30,
    "2026-10-22",
    "2026-10-31",
    "2026-11-01",
    "2026-11-20",
  ]);
  expect(dateWords(new Date("2026-10-22T00:00"), NOW)).toBe("22 October");
});
