// The programs under test and beside it, as processes: where they are, how they start, how they end. What they are asked
// to do is written in the tests.
import { type ChildProcess, execFile, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { promisify } from "node:util";

/** The folder with the programs of this workspace. */
const FOLDER = process.env["REPLUG_PROGRAMS"] ?? resolve(import.meta.dirname, "../../target/debug");

export const DESKTOP = resolve(FOLDER, "replug-desktop");
export const LAB = resolve(FOLDER, "replug-lab");

/** Runs a program of the system to its end and gives what it wrote. Rejects when it fails. */
export async function run(program: string, args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args);
  return stdout;
}

/** A program that runs until it is told to end. */
export class Program {
  readonly process: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(file: string, args: string[], options: SpawnOptions) {
    this.process = spawn(file, args, options);
    this.#ended = new Promise((done) => {
      this.process.once("exit", done);
      this.process.once("error", done);
    });
  }

  async end(): Promise<void> {
    this.process.stdin?.end();
    this.process.kill();
    await this.#ended;
  }
}

/** Servers of the lab, from the line that says they are ready to their end. */
export class Lab<Ready> {
  readonly ready: Ready;
  readonly #program: Program;

  private constructor(ready: Ready, program: Program) {
    this.ready = ready;
    this.#program = program;
  }

  static async start<Ready>(args: string[]): Promise<Lab<Ready>> {
    const program = new Program(LAB, args, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface(program.process.stdout as Readable);
    const [line] = (await Promise.race([once(lines, "line"), once(lines, "close")])) as [string?];
    if (line === undefined) throw new Error(`the lab ended before it was ready: ${args.join(" ")}`);
    return new Lab(JSON.parse(line) as Ready, program);
  }

  end(): Promise<void> {
    return this.#program.end();
  }
}

/** A port that was free a moment ago. The driver cannot choose its own. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a listening server has a port");
  return address.port;
}
