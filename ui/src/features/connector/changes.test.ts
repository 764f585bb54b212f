import { expect, it } from "vitest";

import { fixtures } from "../../../tests/fixtures";
import { changesOf, formOf, NO_CHANGES, portIsValid, type SettingsForm } from "./changes";

function edited(id: string, edit: (form: SettingsForm) => void) {
  const { connector, settings } = fixtures.detail(id);
  const form = formOf(connector, settings);
  edit(form);
  return changesOf(formOf(connector, settings), form);
}

it("a form that nobody touched changes nothing", () => {
  expect(edited("northwind", () => undefined)).toBeNull();
  expect(edited("northwind", (form) => (form.name = "  Northwind CRM "))).toBeNull();
});

it("only what was touched is sent, and an emptied text clears", () => {
  expect(edited("northwind", (form) => (form.scope = ""))).toEqual({ ...NO_CHANGES, scope: "" });
  expect(edited("northwind", (form) => (form.callback_port = "8765"))).toEqual({ ...NO_CHANGES, callback_port: 8765 });
});

it("an emptied port leaves it to Replug again", () => {
  const { connector, settings } = fixtures.detail("northwind");
  const before = { ...formOf(connector, settings), callback_port: "8765" };
  expect(changesOf(before, { ...before, callback_port: "" })).toEqual({ ...NO_CHANGES, callback_port: 0 });
});

it("headers keep stored values, take new ones and lose what was removed", () => {
  const changes = edited("northwind", (form) => {
    form.headers.push({
      name: " authorization ",
      listed: false,
      stored: false,
      value: { do: "set", value: "Bearer example" },
    });
    form.headers.push({ name: "", listed: false, stored: false, value: { do: "keep" } });
  });
  expect(changes?.headers).toEqual([
    ["x-tenant", { do: "keep" }],
    ["authorization", { do: "set", value: "Bearer example" }],
  ]);
  expect(edited("northwind", (form) => (form.headers = []))?.headers).toEqual([]);
});

it("a new line without a value is no header yet, and a listed one without a value stays", () => {
  const line = { name: "x-key", stored: false, value: { do: "keep" } } as const;
  expect(edited("northwind", (form) => form.headers.push({ ...line, listed: false }))).toBeNull();
  expect(edited("northwind", (form) => form.headers.push({ ...line, listed: true }))?.headers).toHaveLength(2);
});

it("a secret is sent only when it was typed or removed", () => {
  const secret = { do: "set", value: "example" } as const;
  expect(edited("fabrikam", (form) => (form.client_secret = secret))).toEqual({ ...NO_CHANGES, client_secret: secret });
});

it("a port is empty or a port", () => {
  expect(["", "1", "65535", "0", "65536", "80a", "-1", "1e3"].map(portIsValid)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
