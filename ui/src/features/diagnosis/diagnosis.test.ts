import { expect, it } from "vitest";

import { fixtures } from "../../../tests/fixtures";
import { diagnosisText } from "./as-text";
import { bodyWords } from "./body";
import { fold, numbersOf, spanOf } from "./fold";

it("what passed on one side is one line, and the first attention is open", () => {
  const lines = fold(fixtures.detail("northwind").steps);
  expect(lines.map((line) => `${numbersOf(line)} ${line.outcome}${line.open ? " open" : ""}`)).toEqual([
    "1 ok",
    "2–4 ok",
    "5–8 ok",
    "9–10 ok",
    "11 warning open",
    "12 ok",
    "13 warning",
    "14 skipped",
  ]);
  expect(lines.map(({ sameSide }) => sameSide)).toEqual([false, false, false, false, true, false, true, true]);
});

it("two steps that need attention are never folded into one", () => {
  const attention = fixtures.detail("northwind").steps.filter(({ outcome }) => outcome === "warning");
  const side = "server" as const;
  expect(fold(attention.map((step) => ({ ...step, side })))).toHaveLength(2);
});

it("a failure is opened before an attention", () => {
  const [line] = fold(fixtures.detail("contoso").steps).filter(({ open }) => open);
  expect(line?.outcome).toBe("failed");
});

it("a span covers its steps and leaves out what was not climbed", () => {
  const { steps } = fixtures.detail("northwind");
  expect(spanOf(steps.slice(1, 4))).toEqual({ startedMs: 1, durationMs: 67 });
  expect(spanOf(steps.slice(13))).toEqual({ startedMs: 0, durationMs: 0 });
});

it("a body is told by its shape", () => {
  expect(bodyWords({ kind: "json_object", members: ["id", "result"] })).toBe("A JSON object with id, result");
  expect(bodyWords({ kind: "json_array", items: 1 })).toBe("A JSON list with 1 item");
  expect(bodyWords({ kind: "html", title: "Access denied" })).toBe("A web page: “Access denied”");
});

it("the copied text carries steps, codes and exchanges, and hides what is hidden", () => {
  const { connector, steps } = fixtures.detail("northwind");
  const text = diagnosisText(connector, steps);
  expect(text).toContain("13. MCP server, Tool list: needs attention, 61 ms");
  expect(text).toContain("(RPL-MCP-NO-TOOLS)");
  expect(text).toContain("      > authorization: hidden");
  expect(text.split("\n")[0]).toBe("Northwind CRM <https://mcp.northwind.example/mcp>");
});
