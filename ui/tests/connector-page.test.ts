import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";

import { NO_CHANGES } from "../src/features/connector/changes";
import { fixtures } from "./fixtures";
import { MemoryBackend } from "./memory-backend";
import { openWindow } from "./open-window";

async function openPage(name: string, backend = new MemoryBackend()) {
  const opened = await openWindow(backend);
  await opened.user.click(screen.getByRole("link", { name }));
  await screen.findByRole("tablist");
  return opened;
}

it("a working connector opens on its tools, another one on its diagnosis", async () => {
  const { user } = await openPage("Atlas Search");
  expect(screen.getByRole("tab", { name: /Tools/ })).toHaveAttribute("aria-selected", "true");
  await user.keyboard("{Escape}");
  await user.click(screen.getByRole("link", { name: "Fabrikam Git" }));
  expect(await screen.findByRole("tab", { name: "Diagnosis" })).toHaveAttribute("aria-selected", "true");
});

it("a new verdict does not change the tab", async () => {
  const { backend } = await openPage("Northwind CRM");
  const health = fixtures.connector("atlas").health;
  backend.emit({ kind: "check_ended", connector: { ...fixtures.connector("northwind"), health } });
  expect(await screen.findByRole("heading", { name: "Connected · 46 tools" })).toBeVisible();
  expect(screen.getByRole("tab", { name: "Diagnosis" })).toHaveAttribute("aria-selected", "true");
});

it("Escape leaves the page, but not while something is being typed", async () => {
  const { user } = await openPage("Atlas Search");
  await user.type(await screen.findByRole("searchbox", { name: "Search tools" }), "x{Escape}");
  expect(screen.getByRole("heading", { level: 1, name: "Atlas Search" })).toBeVisible();
  await user.click(screen.getByRole("tab", { name: "Sign-in" }));
  await user.keyboard("{Escape}");
  expect(await screen.findByRole("heading", { level: 1, name: "Connectors" })).toBeVisible();
});

it("a tool with a fault says so and the search counts", async () => {
  const { user } = await openPage("Atlas Search");
  await user.type(await screen.findByRole("searchbox", { name: "Search tools" }), "owner");
  expect(screen.getByText("1 of 46 tools")).toBeVisible();
  expect(screen.getAllByText("It has no input schema.")[0]).toBeVisible();
});

it("what the other side said is one click away and never the headline", async () => {
  const { user } = await openPage("Northwind CRM");
  expect(screen.queryByText(/insufficient_scope/)).toBeNull();
  await user.click(screen.getByRole("button", { name: "What the server said" }));
  expect(screen.getByText(/insufficient_scope/)).toBeVisible();
});

it("Fix… leads to the client ID with the redirect address beside it", async () => {
  const { user } = await openWindow();
  await user.click(screen.getByRole("button", { name: "Fix…, Fabrikam Git" }));
  await waitFor(async () => expect(await screen.findByLabelText("Client ID")).toHaveFocus());
  expect(screen.getByText("http://127.0.0.1:41873/callback")).toBeVisible();
});

it("a moved server's new address is offered and saved only by Save", async () => {
  const { backend, user } = await openWindow();
  await user.click(screen.getByRole("button", { name: "Fix…, Kestrel Analytics" }));
  await user.click(await screen.findByRole("button", { name: "Use this address" }));
  expect(backend.callsOf("edit")).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(backend.callsOf("edit")).toEqual([["kestrel", { ...NO_CHANGES, address: "https://mcp.kestrel.example/mcp" }]]);
  expect(await screen.findByText("Saved")).toBeVisible();
});

describe("secrets", () => {
  it("are told as set or not set, and never shown", async () => {
    const { user } = await openPage("Kestrel Analytics");
    await user.click(screen.getByRole("tab", { name: "Settings" }));
    expect(screen.getAllByText("Set")).toHaveLength(2);
    expect(document.querySelectorAll('input[type="password"]')).toHaveLength(0);
  });

  it("are gone from the page once they are saved", async () => {
    const { backend, user } = await openPage("Kestrel Analytics");
    await user.click(screen.getByRole("tab", { name: "Settings" }));
    await user.click(screen.getByRole("button", { name: "Replace… Client secret" }));
    await user.type(screen.getByLabelText("Client secret"), "example-secret");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByText("Saved");
    const set = { do: "set", value: "example-secret" };
    expect(backend.callsOf("edit")).toEqual([["kestrel", { ...NO_CHANGES, client_secret: set }]]);
    await waitFor(() => expect(document.querySelectorAll('input[type="password"]')).toHaveLength(0));
    expect(new XMLSerializer().serializeToString(document)).not.toContain("example-secret");
  });
});

describe("a private key", () => {
  const KEY = ["-----BEGIN PRIVATE KEY-----", "ZXhhbXBsZQ==", "-----END PRIVATE KEY-----", ""].join("\n");

  async function openFields() {
    const opened = await openPage("Atlas Search");
    await opened.user.click(screen.getByRole("tab", { name: "Settings" }));
    return opened;
  }

  it("keeps its lines when it is pasted, and is gone from the page once it is saved", async () => {
    const { app, backend, user } = await openFields();
    await user.click(await screen.findByLabelText("Client secret"));
    await user.paste(KEY);
    const field = await screen.findByLabelText("Private key");
    expect(field).toHaveValue(KEY);
    expect(screen.getByText("3 lines")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByText("Saved");
    const client_secret = { do: "set", value: KEY };
    expect(backend.callsOf("edit")).toEqual([["atlas", { ...NO_CHANGES, client_secret }]]);
    await waitFor(() => expect(document.querySelector("textarea")).toBeNull());
    expect(new XMLSerializer().serializeToString(document)).not.toContain("ZXhhbXBsZQ");
    expect(app.drafts.size).toBe(0);
  });

  it("can be typed line by line", async () => {
    const { user } = await openFields();
    await user.click(await screen.findByRole("button", { name: "Enter a private key…" }));
    const field = screen.getByLabelText("Private key");
    await waitFor(() => expect(field).toHaveFocus());
    await user.type(field, "a{Enter}b");
    expect(field).toHaveValue("a\nb");
    await user.click(screen.getByRole("tab", { name: "Diagnosis" }));
    await user.click(screen.getByRole("tab", { name: /Settings/ }));
    expect(await screen.findByLabelText("Private key"), "looking elsewhere costs nothing").toHaveValue("a\nb");
  });
});

it("the permissions say which of them were asked for and not granted", async () => {
  const { user } = await openPage("Northwind CRM");
  await user.click(screen.getByRole("tab", { name: "Sign-in" }));
  const scope = (name: string) => screen.getByText(name).closest("li");
  expect(scope("crm.read")).toHaveTextContent("crm.read asked for, not granted");
  expect(scope("openid")).toHaveTextContent(/^openid$/);
});

describe("the client-ID document of Replug", () => {
  async function openField() {
    const opened = await openWindow();
    await opened.user.click(screen.getByRole("button", { name: "Settings" }));
    return { ...opened, field: await screen.findByLabelText("Client-ID document") };
  }

  it("is kept once the field is left, and taken away when it is emptied", async () => {
    const { backend, user, field } = await openField();
    const settings = fixtures.appSettings();
    await user.type(field, " https://replug.example/client.json ");
    await user.tab();
    await waitFor(() => expect(backend.callsOf("setSettings")).toHaveLength(1));
    await user.clear(field);
    await user.tab();
    await waitFor(() => expect(backend.callsOf("setSettings")).toHaveLength(2));
    expect(backend.callsOf("setSettings")).toEqual([
      [{ ...settings, client_document: "https://replug.example/client.json" }],
      [{ ...settings, client_document: null }],
    ]);
  });

  it("that cannot be used says so at its field, and what was typed stays", async () => {
    const { backend, user, field } = await openField();
    const refusal = { code: "RPL-USE-SETTING-INVALID", text: "It cannot be used.", hint: "Enter https." };
    backend.refusals.set("setSettings", refusal);
    await user.type(field, "ftp://replug.example");
    await user.tab();
    await waitFor(() => expect(field).toBeInvalid());
    expect(field).toHaveAccessibleDescription(/It cannot be used\. Enter https\./);
    expect(field).toHaveValue("ftp://replug.example");
  });
});

it("forgetting a registration is asked first and told with what the service said", async () => {
  const { backend, user } = await openPage("Northwind CRM");
  await user.click(screen.getByRole("tab", { name: "Sign-in" }));
  expect(screen.getByText("today at 18:42")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Forget registration…" }));
  const question = await screen.findByRole("alertdialog");
  await user.click(within(question).getByRole("button", { name: "Forget" }));
  expect(await screen.findByText("The sign-in service ended it. The registration is deleted there too.")).toBeVisible();
  expect(backend.callsOf("forget")).toEqual([["northwind"]]);
});

it("a connector that is gone says so", async () => {
  const { backend } = await openPage("Weather");
  backend.connectors = backend.connectors.filter(({ id }) => id !== "weather");
  backend.emit({ kind: "connectors_changed" });
  expect(await screen.findByText("This connector is not here any more")).toBeVisible();
});

it("the theme counts at once, and goes back when it cannot be saved", async () => {
  const { backend, user } = await openWindow();
  await user.click(screen.getByRole("button", { name: "Settings" }));
  await user.click(await screen.findByRole("radio", { name: "Dark" }));
  expect(document.documentElement.dataset["theme"]).toBe("dark");
  backend.refusals.set("setSettings", {
    code: "RPL-LOCAL-DISK",
    text: "A file could not be written.",
    hint: "Check the disk.",
  });
  await user.click(screen.getByRole("radio", { name: "Light" }));
  await waitFor(() => expect(document.documentElement.dataset["theme"]).toBe("dark"));
  expect(await screen.findByText("A file could not be written.")).toBeVisible();
});
