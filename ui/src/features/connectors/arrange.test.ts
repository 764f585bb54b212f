import { expect, it } from "vitest";

import { fixtures } from "../../../tests/fixtures";
import { arrange, counts, keepOrder, matching, typedTo } from "./arrange";

const connectors = fixtures.connectors();

it("groups come in the order of who is needed, and names inside them", () => {
  const groups = arrange(connectors, "", "all");
  expect(groups.map(({ name, ids }) => [name, ids.length])).toEqual([
    ["needs_you", 5],
    ["failed", 3],
    ["connected", 3],
    ["resting", 2],
  ]);
  expect(groups[2]?.ids).toEqual(["atlas", "proseware", "tailspin"]);
});

it("a filter keeps one group and empty groups are left out", () => {
  expect(arrange(connectors, "", "failed").map(({ name }) => name)).toEqual(["failed"]);
  expect(arrange([], "", "all")).toEqual([]);
});

it("every word of a search must be in the name, the address or an app's name", () => {
  expect(matching(connectors, "  CLAUDE northwind ").map(({ id }) => id)).toEqual(["northwind"]);
  expect(matching(connectors, "<img").map(({ id }) => id)).toEqual(["hostile"]);
  expect(matching(connectors, ".*")).toEqual([]);
});

it("counts are those of the present search, and what rests is counted under all only", () => {
  expect(counts(connectors, "")).toEqual({ all: 13, connected: 3, needs_you: 5, failed: 3 });
  expect(counts(connectors, "atlas")).toEqual({ all: 1, connected: 1, needs_you: 0, failed: 0 });
});

it("the same letter again goes to the next name, and round at the end", () => {
  const order = ["Alpha", "Atlas", "Attic", "Beta"].map((name) => ({ ...fixtures.connector("atlas"), id: name, name }));
  expect(typedTo(order, "Alpha", "a")).toBe("Atlas");
  expect(typedTo(order, "Attic", "a")).toBe("Alpha");
  expect(typedTo(order, "Alpha", "at")).toBe("Atlas");
  expect(typedTo(order, "Atlas", "at")).toBe("Atlas");
  expect(typedTo(order, null, "b")).toBe("Beta");
  expect(typedTo(order, "Alpha", "z")).toBeNull();
});

it("the order is kept when verdicts change, loses what is gone, and is made anew for what is new", () => {
  const groups = arrange(connectors, "", "all");
  const mended = connectors.map((one) => ({ ...one, health: fixtures.connector("atlas").health }));
  expect(keepOrder(groups, mended, "", "all")).toEqual(groups);
  const fewer = keepOrder(
    groups,
    mended.filter(({ id }) => id !== "contoso"),
    "",
    "all",
  );
  expect(fewer[1]?.ids).toEqual(groups[1]?.ids.filter((id) => id !== "contoso"));
  const more = keepOrder(groups, [...mended, { ...fixtures.connector("atlas"), id: "new" }], "", "all");
  expect(more.map(({ name }) => name)).toEqual(["connected"]);
});
