// The built window, running: started through WebKitWebDriver as a person's desktop would start it, with a data folder of
// its own and a browser that is a script, and closed as a person closes it.
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { BareBus } from "./bus";
import { Page } from "./page";
import { DESKTOP, freePort, LAB, Program, run } from "./programs";
import { until } from "./until";
import { isReady, Session } from "./webdriver";

/** Where failed tests leave their pictures. */
const PICTURES = resolve(import.meta.dirname, "../test-results/window");

export interface Start {
  /** Holds everything the window writes, and the script that is its browser. */
  scratch: string;
  /** Which place for sign-ins is named at the start; none in a session that has no keychain. */
  secrets: "keychain" | "memory" | "none";
}

export class App {
  readonly page: Page;
  readonly session: Session;
  /** The number of the window's process. */
  readonly pid: number;
  readonly #driver: Program;
  readonly #bus: BareBus | null;
  #open = true;

  private constructor(page: Page, pid: number, driver: Program, bus: BareBus | null) {
    this.page = page;
    this.session = page.session;
    this.pid = pid;
    this.#driver = driver;
    this.#bus = bus;
  }

  static async start({ scratch, secrets }: Start): Promise<App> {
    const browser = await scriptedBrowser(scratch);
    const home = homeFolder(scratch);
    await mkdir(home, { recursive: true });
    const port = await freePort();
    const bus = secrets === "none" ? await BareBus.start(scratch) : null;
    const driver = new Program("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
      stdio: ["ignore", "ignore", "ignore"],
      env: {
        ...process.env,
        ...bus?.variables,
        // The AI apps of whoever runs the tests are not looked at.
        HOME: home,
        XDG_CONFIG_HOME: join(home, ".config"),
        PATH: `${browser}:${process.env["PATH"] ?? ""}`,
        TAURI_AUTOMATION: "true",
        TAURI_WEBVIEW_AUTOMATION: "true",
      },
    });
    let pid: number | undefined;
    try {
      await until("the driver takes commands", () => isReady(port));
      const named = secrets === "none" ? [] : ["--secrets", secrets];
      const session = await Session.start(port, DESKTOP, ["--data-dir", dataFolder(scratch), ...named]);
      pid = await until("the driver has a child", () => childOf(driver.process.pid));
      return new App(await Page.enter(session), pid, driver, bus);
    } catch (error) {
      pid ??= await childOf(driver.process.pid).catch(() => undefined);
      if (pid !== undefined) process.kill(pid);
      await driver.end();
      await bus?.end();
      throw error;
    }
  }

  /** Closes the window with the window manager's key, and waits until its process is gone. */
  async quit(): Promise<void> {
    await this.staysSilent();
    await this.pressClose();
    await this.gone();
  }

  /** Waits until the window's process has ended. */
  async gone(): Promise<void> {
    await until("the window's process ends", () => isGone(this.pid));
    this.#open = false;
    await this.end();
  }

  /** Presses the window manager's key for closing, whatever comes of it. */
  async pressClose(): Promise<void> {
    await this.press("alt+F4");
  }

  /** Presses keys one after the other on the display, so that no answer of the window is waited for. */
  async press(...keys: string[]): Promise<void> {
    // Its own window only: another test's may still be on its way out, and would take the key.
    const own = ["--all", "--onlyvisible", "--pid", String(this.pid), "--name", "^Replug$"];
    await run("xdotool", ["search", "--sync", ...own, "windowactivate", "--sync"]);
    await run("xdotool", ["key", "--clearmodifiers", ...keys]);
  }

  /** Rejects when something broke in the page, or was refused by its policy. A closed window was asked before. */
  async staysSilent(): Promise<void> {
    if (!this.#open) return;
    const complaints = await this.page.takeComplaints();
    if (complaints.length > 0) throw new Error(`in the page: ${complaints.join("; ")}`);
  }

  /** Leaves a picture of the page for whoever looks into a failed test. A window that is gone has none. */
  async leavePicture(name: string): Promise<void> {
    const picture = await this.session.screenshot().catch(() => null);
    if (picture === null) return;
    await mkdir(PICTURES, { recursive: true });
    await writeFile(join(PICTURES, `${name}.png`), picture);
  }

  /** Ends what is left, however the test went. */
  async end(): Promise<void> {
    if (!(await isGone(this.pid))) {
      process.kill(this.pid);
      // Its window goes with it, and must not meet the next test.
      await until("the window's process is gone", () => isGone(this.pid));
    }
    await this.#driver.end();
    await this.#bus?.end();
  }
}

/** The home of the person whose AI apps the window looks at. */
export function homeFolder(scratch: string): string {
  return join(scratch, "home");
}

export function dataFolder(scratch: string): string {
  return join(scratch, "data");
}

/** The pages that the window asked the browser to open, without what belongs to one sign-in only. */
export async function openedPages(scratch: string): Promise<string[]> {
  const log = await readFile(join(scratch, "opened"), "utf8").catch(() => "");
  return log.split("\n").filter(Boolean);
}

/** A folder with an `xdg-open` that goes where it is sent and allows what is asked. */
async function scriptedBrowser(scratch: string): Promise<string> {
  const folder = join(scratch, "browser");
  await mkdir(folder, { recursive: true });
  const script = join(folder, "xdg-open");
  await writeFile(
    script,
    `#!/bin/sh\nprintf '%s\\n' "\${1%%\\?*}" >>'${join(scratch, "opened")}'\nexec '${LAB}' visit "$1"\n`,
  );
  await chmod(script, 0o700);
  return folder;
}

async function childOf(pid: number | undefined): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  const first = children.trim().split(" ")[0];
  return first === undefined || first === "" ? undefined : Number(first);
}

async function isGone(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  // An ended process stays in the table until its parent has asked how it ended.
  return status === null || status.slice(status.lastIndexOf(")")).startsWith(") Z");
}
