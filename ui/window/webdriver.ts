// A session of WebKitWebDriver, spoken to directly (W3C WebDriver): the few commands the tests need. What is in the page
// is not known here.
import { request } from "node:http";

/** A key of its own, as the protocol spells it (W3C WebDriver, "Keyboard actions"). */
export const KEYS = {
  tab: "\uE004",
  enter: "\uE007",
  shift: "\uE008",
  control: "\uE009",
  escape: "\uE00C",
  down: "\uE015",
  right: "\uE014",
} as const;

/** An element of the page, as the protocol hands it out. */
export type Element = Record<typeof ELEMENT, string>;

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

interface Reply<Value> {
  value: Value;
}

interface Refusal {
  error: string;
  message: string;
}

/** A command that the driver took and did not carry out. */
class CommandRefused extends Error {
  /** One of the protocol's own (W3C WebDriver, "Errors"). */
  readonly code: string;

  constructor(command: string, { error, message }: Refusal) {
    super(`${command}: ${error}: ${message}`);
    this.code = error;
  }
}

export class Session {
  readonly #port: number;
  readonly #path: string;

  private constructor(port: number, id: string) {
    this.#port = port;
    this.#path = `/session/${id}`;
  }

  /** Has the driver at `port` start `binary`, and waits until its page can be driven. */
  static async start(port: number, binary: string, args: string[]): Promise<Session> {
    const alwaysMatch = { "webkitgtk:browserOptions": { binary, args } };
    const { sessionId } = await send<{ sessionId: string }>(port, "POST", "/session", {
      capabilities: { alwaysMatch },
    });
    const session = new Session(port, sessionId);
    await session.#post("/timeouts", { script: 30_000, pageLoad: 30_000 });
    return session;
  }

  /** Runs `script`, the source of a function's body, in the page. */
  execute<Answer>(script: string, args: unknown[] = []): Promise<Answer> {
    return this.#post("/execute/sync", { script, args });
  }

  /** The same, for a body that hands its answer to its last argument. */
  executeAsync<Answer>(script: string, args: unknown[] = []): Promise<Answer> {
    return this.#post("/execute/async", { script, args });
  }

  /** A press of the pointer in the middle of the element, wherever that is. False when it is not there any more. */
  async click(element: Element): Promise<boolean> {
    try {
      await this.#post(`/element/${element[ELEMENT]}/click`, {});
      return true;
    } catch (error) {
      if (error instanceof CommandRefused && error.code === "stale element reference") return false;
      throw error;
    }
  }

  /** Types into the element, after what is there. */
  async type(element: Element, text: string): Promise<void> {
    await this.#post(`/element/${element[ELEMENT]}/value`, { text });
  }

  /** Presses these keys one after the other, wherever the focus is; `held` is down meanwhile. */
  async press(keys: string[], held: string[] = []): Promise<void> {
    const down = (value: string) => ({ type: "keyDown", value });
    const up = (value: string) => ({ type: "keyUp", value });
    const actions = [...held.map(down), ...keys.flatMap((key) => [down(key), up(key)]), ...held.map(up)];
    await this.#post("/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** Gives the window this size, its frame included. */
  async resize(width: number, height: number): Promise<void> {
    await this.#post("/window/rect", { width, height });
  }

  /** A picture of the page, as PNG. */
  async screenshot(): Promise<Buffer> {
    return Buffer.from(await send<string>(this.#port, "GET", `${this.#path}/screenshot`), "base64");
  }

  #post<Answer>(path: string, body: object): Promise<Answer> {
    return send(this.#port, "POST", this.#path + path, body);
  }
}

/** Whether the driver at `port` takes commands. */
export async function isReady(port: number): Promise<boolean> {
  try {
    return (await send<{ ready: boolean }>(port, "GET", "/status")).ready;
  } catch {
    // Not listening yet; whoever asks has a deadline.
    return false;
  }
}

/** One command, on a connection of its own: the driver forgets those that are kept open. */
function send<Answer>(port: number, method: string, path: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const { value } = JSON.parse(Buffer.concat(parts).toString("utf8")) as Reply<Answer | Refusal>;
        if (response.statusCode === 200) resolve(value as Answer);
        else reject(new CommandRefused(`${method} ${path}`, value as Refusal));
      });
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
