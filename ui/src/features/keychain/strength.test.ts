import { describe, expect, it } from "vitest";

import { strengthOf } from "./strength";

describe("the strength of a passphrase", () => {
  it.each([
    ["", "short"],
    ["Xk7!pQ2", "short"],
    ["aaaaaaaaaaaaaaaaaaaaaaaa", "weak"],
    ["12345678901234567890", "weak"],
    ["abcdefghijklmnopqrstuvwxyz", "weak"],
    ["password", "weak"],
    ["sunny-garden", "fair"],
    ["correct horse battery staple", "strong"],
  ])("says that “%s” is %s", (text, expected) => {
    expect(strengthOf(text)).toBe(expected);
  });
});
