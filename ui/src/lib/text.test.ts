import { expect, it } from "vitest";

import { hostParts, monogram } from "./text";

it("the tile's letter is the first letter or number, whatever the script", () => {
  expect(["northwind", "<img src=x>", "🦊 Fox", "7 Seas", "مُوصل", "🦊", "", "…"].map(monogram)).toEqual([
    "N",
    "I",
    "F",
    "7",
    "مُ",
    "🦊",
    "",
    "…",
  ]);
});

it("the registered part of a host is split off only where it really ends the name", () => {
  expect(hostParts("login.northwind.example", "northwind.example")).toEqual(["login.", "northwind.example"]);
  expect(hostParts("login.northwind.example:8443", "northwind.example")).toEqual(["login.", "northwind.example:8443"]);
  expect(hostParts("127.0.0.1:9000", null)).toEqual(["", "127.0.0.1:9000"]);
  expect(hostParts("login.other.example", "northwind.example")).toEqual(["", "login.other.example"]);
});
