import { expect, it } from "vitest";

import { fixtures } from "../../../tests/fixtures";
import { permissionsOf } from "./permissions";

const signIn = fixtures.connector("northwind").sign_in;

it("what was asked for comes first, then what came unasked", () => {
  const permissions = permissionsOf({ ...signIn, asked_scopes: ["read", "write"], scopes: ["admin", "read"] });
  expect(permissions.map(({ name, standing }) => `${name} ${standing}`)).toEqual([
    "read granted",
    "write refused",
    "admin unasked",
  ]);
});

it("nothing counts as unasked when nothing was asked for by name", () => {
  expect(permissionsOf({ ...signIn, asked_scopes: [], scopes: ["read"] })).toEqual([
    { name: "read", standing: "granted" },
  ]);
});
