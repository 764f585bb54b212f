// A message bus on which nobody offers a keychain, and nobody is started to offer one: a session as on a computer without
// a Secret Service.
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

import { Program } from "./programs";

/** No folder of services, so that the bus starts none. */
const CONFIGURATION = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

export class BareBus {
  /** What a program needs to be on this bus. */
  readonly variables: Record<string, string>;
  readonly #program: Program;

  private constructor(address: string, program: Program) {
    this.variables = { DBUS_SESSION_BUS_ADDRESS: address };
    this.#program = program;
  }

  static async start(scratch: string): Promise<BareBus> {
    const file = join(scratch, "bus.conf");
    await writeFile(file, CONFIGURATION);
    const args = [`--config-file=${file}`, "--nofork", "--print-address=1"];
    const program = new Program("dbus-daemon", args, { stdio: ["ignore", "pipe", "ignore"] });
    const lines = createInterface(program.process.stdout as Readable);
    const [address] = (await Promise.race([once(lines, "line"), once(lines, "close")])) as [string?];
    if (address === undefined) throw new Error("the message bus does not start");
    return new BareBus(address, program);
  }

  end(): Promise<void> {
    return this.#program.end();
  }
}
