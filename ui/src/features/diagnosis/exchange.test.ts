import { expect, it } from "vitest";

import { fixtures } from "../../../tests/fixtures";
import type { Exchange } from "../../api/types.gen";
import { exchangeSentence, exchangeText, statusLine } from "./exchange";

function exchangeOf(id: string): Exchange {
  const [found] = fixtures.detail(id).steps.flatMap(({ exchanges }) => exchanges);
  if (found === undefined) throw new Error(`${id} has no exchange`);
  return found;
}

it("an exchange is told in one sentence", () => {
  expect(exchangeSentence(exchangeOf("northwind"))).toBe(
    "mcp.northwind.example answered 401 Unauthorized after 92 ms: a JSON object with error, error_description.",
  );
  expect(exchangeSentence(exchangeOf("contoso"))).toBe(
    "knowledge-graph.staging.eu-west.research.contoso.example gave no answer; it ended after 40 ms (certificate expired).",
  );
});

it("a status without a usual phrase stands alone", () => {
  expect(statusLine({ ...exchangeOf("northwind"), status: 599 })).toBe("599");
});

it("the text of an exchange is what somebody who knows HTTP expects, and hides what is hidden", () => {
  const exchange: Exchange = {
    ...exchangeOf("northwind"),
    request_headers: [{ name: "authorization", value: null }],
    response_headers: [{ name: "content-type", value: "application/json" }],
  };
  expect(exchangeText(exchange)).toEqual([
    "> POST https://mcp.northwind.example/mcp",
    "> authorization: hidden",
    "> (a body of 212 bytes)",
    "< 401 Unauthorized (92 ms)",
    "< content-type: application/json",
    "< (A JSON object with error, error_description, 68 bytes)",
  ]);
  expect(exchangeText({ ...exchange, status: null, error: "connection reset" }).slice(3)).toEqual([
    "< No answer came: connection reset (92 ms)",
    "< content-type: application/json",
  ]);
});
