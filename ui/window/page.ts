// The page of the window as a person meets it: roles, names and words. Looking and waiting happen inside the page, by the
// same library as in the unit tests; how the page is reached is the session's business.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type * as Library from "@testing-library/dom";
import type { AxeResults } from "axe-core";

import { until } from "./until";
import type { Element, Session } from "./webdriver";

const { resolve } = createRequire(import.meta.url);
const LIBRARY = readFileSync(resolve("@testing-library/dom/dist/@testing-library/dom.umd.min.js"), "utf8");
const AXE = readFileSync(resolve("axe-core/axe.min.js"), "utf8");
const PATIENCE_MS = 15_000;

/** What the tests put beside the page's own things. */
declare global {
  interface Window {
    TestingLibraryDom: typeof Library;
    axe: { run: () => Promise<AxeResults> };
    complaints: string[];
    trustedTypes: { createPolicy: (name: string, rules: object) => unknown };
    __TAURI_INTERNALS__: { invoke: (command: string) => Promise<unknown> };
  }
}

type Answer<Value> = { value: Value } | { error: string };

/** Something to look for. */
export interface Wanted {
  role: string;
  /** Its whole accessible name. */
  name: string;
  /** Only when it is the chosen one of several. */
  selected?: true;
  /** Only when it is a switch that is on. */
  pressed?: true;
}

export class Page {
  readonly session: Session;

  private constructor(session: Session) {
    this.session = session;
  }

  /** Takes its place in the page: from now on, what breaks in there or is refused by its policy is remembered. */
  static async enter(session: Session): Promise<Page> {
    await session.execute(LIBRARY);
    const page = new Page(session);
    await page.run((patience) => {
      const { configure } = window.TestingLibraryDom;
      configure({
        asyncUtilTimeout: patience,
        getElementError: (message) => new Error((message ?? "").split("\n")[0]),
      });
      window.complaints = [];
      const complain = (text: string): void => void window.complaints.push(text);
      document.addEventListener("securitypolicyviolation", (event) =>
        complain(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`),
      );
      window.addEventListener("error", (event) => complain(event.message));
      window.addEventListener("unhandledrejection", (event) => complain(String(event.reason)));
    }, PATIENCE_MS);
    return page;
  }

  /** Runs a function in the page; it sees its arguments and nothing else of the test. */
  async run<Args extends unknown[], Value>(
    inside: (...args: Args) => Value | Promise<Value>,
    ...args: Args
  ): Promise<Value> {
    const answer = await this.session.executeAsync<Answer<Value>>(
      `const done = arguments[arguments.length - 1];
       const args = [...arguments].slice(0, -1);
       (async () => (${inside.toString()})(...args))().then((value) => done({ value }), (error) => done({ error: String(error) }));`,
      args,
    );
    if ("error" in answer) throw new Error(answer.error);
    return answer.value;
  }

  /** The one element that fits, as soon as there is one. */
  find({ role, ...options }: Wanted): Promise<Element> {
    return this.run(
      async (role, options) => {
        const found: unknown = await window.TestingLibraryDom.findByRole(document.body, role, options);
        return found as Element;
      },
      role,
      options,
    );
  }

  /** The one element that says exactly this, as soon as there is one. */
  findText(text: string): Promise<Element> {
    return this.run(async (text) => {
      const found: unknown = await window.TestingLibraryDom.findByText(document.body, text);
      return found as Element;
    }, text);
  }

  /** Waits until nothing has this role any more. */
  gone(role: string): Promise<void> {
    return this.run(async (role) => {
      const { waitFor, queryAllByRole } = window.TestingLibraryDom;
      await waitFor(() => {
        if (queryAllByRole(document.body, role).length > 0) throw new Error(`there is still a ${role}`);
      });
    }, role);
  }

  /** Presses it. What was found may be drawn anew before the pointer gets there; then it is looked for again. */
  async click(wanted: Wanted): Promise<void> {
    await until(`${wanted.name} is pressed`, async () => this.session.click(await this.find(wanted)));
  }

  /** The same for words. */
  async clickText(text: string): Promise<void> {
    await until(`${text} is pressed`, async () => this.session.click(await this.findText(text)));
  }

  /** Types into the text field with this label, after what is there. */
  async type(label: string, text: string): Promise<void> {
    await this.session.type(await this.find({ role: "textbox", name: label }), text);
  }

  /** The same for a field that hides what is typed: it has no role. */
  async typeHidden(label: string, text: string): Promise<void> {
    const field = await this.run(async (label) => {
      const found: unknown = await window.TestingLibraryDom.findByLabelText(document.body, label);
      return found as Element;
    }, label);
    await this.session.type(field, text);
  }

  /** Waits until this has the focus. */
  focusOn({ role, ...options }: Wanted): Promise<void> {
    return this.run(
      async (role, options) => {
        const { waitFor, queryAllByRole } = window.TestingLibraryDom;
        await waitFor(() => {
          const { activeElement } = document;
          const fits = queryAllByRole(document.body, role, options).some((found) => found === activeElement);
          if (!fits)
            throw new Error(`the ${role} “${options.name}” has no focus, but ${activeElement?.outerHTML ?? ""}`);
        });
      },
      role,
      options,
    );
  }

  /** Sends a command to the engine, as the page does. */
  ask<Value>(command: string): Promise<Value> {
    return this.run(async (command) => (await window.__TAURI_INTERNALS__.invoke(command)) as Value, command);
  }

  /** What axe finds wrong with the page once its colours have come to rest, one line a rule. */
  async flaws(): Promise<string[]> {
    await this.session.execute(AXE);
    return this.run(async () => {
      const changing = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
      await Promise.allSettled(changing.map(({ finished }) => finished));
      const { violations } = await window.axe.run();
      return violations.map(
        ({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
      );
    });
  }

  /** What broke in the page, or was refused by its policy, since it was entered or asked the last time. */
  takeComplaints(): Promise<string[]> {
    return this.run(() => window.complaints.splice(0));
  }
}
