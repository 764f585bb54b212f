import { expect, it } from "vitest";

import { fixtures, NOW } from "../../../tests/fixtures";
import { fieldFor } from "./fields";
import { ownerMessage } from "./owner-message";
import { appsOf, rowButton, rowLine, type Doing } from "./row";

const idle: Doing = { check: undefined, signIn: undefined, mended: false };

it.each([
  ["northwind", "Sign in again"],
  ["fabrikam", "Fix…"],
  ["contoso", "Retry"],
  ["atlas", undefined],
  ["aurora", "Resume"],
  ["weather", "Check"],
])("the one button of %s is %s", (id, label) => {
  expect(rowButton(fixtures.connector(id), idle)?.label).toBe(label);
});

it("while a sign-in runs the button shows its sheet and the line counts down", () => {
  const doing = { ...idle, signIn: fixtures.progress("waiting") };
  expect(rowButton(fixtures.connector("northwind"), doing)).toMatchObject({ does: "show" });
  expect(rowLine(fixtures.connector("northwind"), doing, NOW)).toBe("Waiting for your browser… 9:06 left");
});

it("while a check runs the line tells its step and the verdict's cause comes back after", () => {
  const connector = fixtures.connector("contoso");
  expect(rowLine(connector, { ...idle, check: { number: 6, of: 14 } }, NOW)).toBe("Checking now… step 6 of 14");
  expect(rowLine(connector, { ...idle, check: { number: 0, of: 0 } }, NOW)).toBe("Checking now…");
  expect(rowLine(connector, idle, NOW)).toBe("The server's certificate is not valid.");
  expect(rowLine(fixtures.connector("atlas"), { ...idle, mended: true }, NOW)).toBe("Works again.");
});

it("an app is named once, by the name people know, and Replug is none", () => {
  const source = (app: string) => ({ app, scope: null, file: null, entry: null });
  const connector = {
    ...fixtures.connector("atlas"),
    sources: ["claude_code", "replug", "claude-code", "odd"].map(source),
  };
  expect(appsOf(connector)).toEqual(["Claude Code", "odd"]);
});

it("a fix leads to the field that the finding is about", () => {
  expect(fieldFor("edit_settings", "RPL-REG-NOT-OFFERED")).toBe("client_id");
  expect(fieldFor("edit_settings", "RPL-HTTP-KEY-NEEDED")).toBe("headers");
  expect(fieldFor("allow", "RPL-NET-ADDRESS-REFUSED")).toBe("allow");
  expect(fieldFor("fix_address", null)).toBe("address");
  expect(fieldFor("edit_settings", "RPL-NET-TIMEOUT")).toBeNull();
});

it("the message for the owner holds the facts of the finding", () => {
  const connector = fixtures.connector("contoso");
  expect(ownerMessage(connector, connector.health.cause)).toBe(
    [
      "Hello, Replug found a problem with the MCP server at knowledge-graph.staging.eu-west.research.contoso.example:",
      "",
      "State: Failed",
      "The server's certificate is not valid. (RPL-TLS-INVALID)",
      "- Ended: 2026-11-14T23:59:59Z",
      "- Issued by: Contoso Issuing CA 4",
      "Checked: 2026-11-20T09:39:00Z",
    ].join("\n"),
  );
});
