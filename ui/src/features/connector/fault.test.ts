import { expect, it } from "vitest";

import { fixtures } from "../../../tests/fixtures";
import { faultLine } from "./fault";

const drawn = (id: string): string[] =>
  faultLine(fixtures.detail(id)).map(
    ({ side, condition, cable, what }) => `${cable ?? "-"} ${side} ${condition}: ${what}`,
  );

it("the cable is open before the side at fault and whole where both ends are sound", () => {
  expect(drawn("northwind")).toEqual([
    "- app unasked: Not involved",
    "dashed computer sound: Fine",
    "whole network sound: Fine, 67 ms",
    "open sign_in_service fault: Fault is here",
    "whole server sound: Answers",
  ]);
});

it("sides that were not asked after the fault are dashed", () => {
  expect(drawn("contoso")).toEqual([
    "- app unasked: Not involved",
    "dashed computer sound: Fine",
    "dashed network unasked: Not asked",
    "dashed sign_in_service unasked: Not needed",
    "open server fault: Fault is here",
  ]);
});

it("a working connector has no fault, and what a setting causes lies on this computer", () => {
  expect(faultLine(fixtures.detail("atlas")).some(({ condition }) => condition === "fault")).toBe(false);
  expect(drawn("kestrel")[1]).toBe("open computer fault: Your settings");
});

it("a sign-in that is missing lies with the sign-in, although the person has to do it", () => {
  const detail = fixtures.detail("kestrel");
  detail.connector.health.state = "needs_sign_in";
  const places = faultLine(detail).filter(({ condition }) => condition === "fault");
  expect(places.map(({ side }) => side)).toEqual(["sign_in_service"]);
});
