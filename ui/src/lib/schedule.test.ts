import { expect, it } from "vitest";

import { fixtures, NOW } from "../../tests/fixtures";
import type { ConnectorView } from "../api/types.gen";
import { isOld, nextCheck } from "./schedule";

const MINUTE = 60_000;
const QUARTER_S = 900;

function checkedAgo(minutes: number, own: number | null = null): ConnectorView {
  const atlas = fixtures.connector("atlas");
  const checked_at = new Date(NOW - minutes * MINUTE).toISOString();
  return { ...atlas, check_every_s: own, health: { ...atlas.health, checked_at } };
}

it("the next check is that of the connector that is due first", () => {
  expect(nextCheck([checkedAgo(2), checkedAgo(5), checkedAgo(1, 3600)], QUARTER_S)).toBe(NOW + 10 * MINUTE);
  expect(nextCheck([checkedAgo(2), checkedAgo(9, 600)], QUARTER_S)).toBe(NOW + MINUTE);
});

it("nothing is due where nobody asked yet, or nobody may", () => {
  expect(nextCheck([fixtures.connector("weather"), fixtures.connector("aurora")], QUARTER_S)).toBeNull();
});

it("a good verdict is too old after two missed checks, and no sooner", () => {
  expect(isOld(checkedAgo(30), QUARTER_S, NOW)).toBe(false);
  expect(isOld(checkedAgo(31), QUARTER_S, NOW)).toBe(true);
  expect(isOld(checkedAgo(31, 3600), QUARTER_S, NOW), "it has an interval of its own").toBe(false);
});

it("a verdict that needs the person does not fade", () => {
  expect(isOld(fixtures.connector("kestrel"), QUARTER_S, NOW)).toBe(false);
});
