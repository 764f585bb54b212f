import { expect, it } from "vitest";

import { linesOf, looksComplete } from "./input";

it.each([
  ["https://mcp.wingtip.example/mcp", true],
  ["mcp.wingtip.example", true],
  ["http://localhost:8931/mcp", true],
  ["http://127.0.0.1:9000", true],
  ["http://[::1]:9000/mcp", true],
  ["claude mcp add wingtip https://mcp.wingtip.example/mcp", true],
  ['{ "mcpServers": { "w": { "url": "https://mcp.wingtip.example" } } }', true],
  ['{ "mcpServers":', false],
  ["https://", false],
  ["https://mcp", false],
  ["wingtip", false],
  ["claude mcp add wingtip", false],
  ["", false],
])("%s is looked at by itself: %s", (text, looks) => {
  expect(looksComplete(text)).toBe(looks);
});

it("the field grows with what was pasted, to six lines", () => {
  expect(["", "a\nb", "1\n2\n3\n4\n5\n6\n7"].map(linesOf)).toEqual([1, 2, 6]);
});
