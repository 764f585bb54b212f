// Small things that a person notices: old news goes away, a code explains itself, nothing is offered that cannot be.
import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";

import { fixtures } from "./fixtures";
import { MemoryBackend } from "./memory-backend";
import { openWindow } from "./open-window";

describe("a notice", () => {
  it("of what was done is gone on another page", async () => {
    const { user } = await openWindow();
    await user.click(screen.getByRole("button", { name: "More for Northwind CRM" }));
    await user.click(await screen.findByText("Sign out"));
    const page = within(screen.getByRole("main"));
    expect(await page.findByText("Signed out")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Settings" }));
    expect(page.queryByText("Signed out")).toBeNull();
  });

  it("of what was not done stays until it is dismissed", async () => {
    const backend = new MemoryBackend();
    backend.refusals.set("check", { code: "RPL-LOCAL-DISK", text: "The disk is full.", hint: "Make room." });
    const { user } = await openWindow(backend);
    await user.click(screen.getByRole("button", { name: "Check all" }));
    await screen.findByRole("alert");
    await user.click(screen.getByRole("button", { name: "Settings" }));
    expect(screen.getByRole("alert")).toHaveTextContent("The disk is full.");
    await user.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByRole("alert")).toBeNull();
  });
});

it("a code says what it means, where that lies and what helps", async () => {
  const { backend, user } = await openWindow();
  await user.click(screen.getByRole("link", { name: "Litware Issues" }));
  await user.click(await screen.findByRole("button", { name: "RPL-REG-FORGOTTEN" }));
  const entry = fixtures.code("RPL-REG-FORGOTTEN");
  // Without layout its anchor has no size, so the library hides it, and what is hidden has no name.
  const explanation = await screen.findByLabelText("RPL-REG-FORGOTTEN");
  await waitFor(() => expect(explanation).toHaveTextContent(entry.text));
  expect(explanation).toHaveTextContent(entry.hint);
  expect(explanation).toHaveTextContent("The sign-in service");
  expect(explanation).toHaveTextContent("Forget registration and retry, Sign in");
  expect(backend.callsOf("explain")).toEqual([["RPL-REG-FORGOTTEN"]]);
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog", { hidden: true })).toBeNull());
  expect(screen.getByRole("heading", { level: 1, name: "Litware Issues" }), "Escape closed that alone").toBeVisible();
});

it("a connector that nobody checked is checked, not checked again", async () => {
  const { user } = await openWindow();
  await user.click(screen.getByRole("link", { name: "Weather" }));
  const page = within(await screen.findByRole("main"));
  expect(page.getAllByRole("button", { name: "Check" })[0]).toBeVisible();
  expect(page.queryByRole("button", { name: "Check again" })).toBeNull();
});

describe("signing in", () => {
  it("is not offered where no check saw that there is anything to sign in to", async () => {
    const weather = fixtures.connector("weather");
    const health = { ...fixtures.connector("contoso").health, findings: [] };
    const { user } = await openWindow(new MemoryBackend([{ ...weather, health }]));
    await user.click(screen.getByRole("button", { name: "More for Weather" }));
    expect(await screen.findByText("Check now")).toBeInTheDocument();
    expect(screen.queryByText(/^Sign in/)).toBeNull();
    await user.keyboard("{Escape}");
    await user.click(screen.getByRole("link", { name: "Weather" }));
    await user.click(await screen.findByRole("tab", { name: "Sign-in" }));
    expect(screen.getByText(/No check got far enough/)).toBeVisible();
  });

  it("is signing in again only after a first time", async () => {
    const { user } = await openWindow();
    await user.click(screen.getByRole("button", { name: "More for Weaver Notes" }));
    expect(await screen.findByText("Sign in…")).toBeInTheDocument();
    await user.keyboard("{Escape}");
    await user.click(screen.getByRole("button", { name: "More for Northwind CRM" }));
    expect(await screen.findByText("Sign in again…")).toBeInTheDocument();
  });
});

describe("time", () => {
  it("until the next check stands in the rail", async () => {
    await openWindow(new MemoryBackend([fixtures.connector("atlas")]));
    expect(await screen.findByText("Next in 13 min")).toBeVisible();
  });

  it("that went by makes a good verdict one that is not sure", async () => {
    const { user } = await openWindow();
    const row = screen.getByRole("link", { name: "Tailspin Errors" }).closest("li") as HTMLElement;
    expect(await within(row).findByText("Checked too long ago to be sure.")).toBeVisible();
    await user.click(screen.getByRole("link", { name: "Tailspin Errors" }));
    expect(await screen.findByText(/too long ago to be sure/)).toBeVisible();
  });
});
