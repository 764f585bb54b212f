// The secrets of a connector as the keyring holds them, and the search for them where they must not be. A secret is
// compared and never shown: what is found is told by its place.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { run } from "./programs";

/** The members of a keyring record that are secret after a usual sign-in. */
interface Stored {
  tokens: { access: string; refresh: string };
}

/** The secrets that the keyring holds for this connector. */
export async function secretsOf(connector: string): Promise<string[]> {
  const item = await run("secret-tool", ["lookup", "service", "Replug", "username", connector]);
  // One line says how the record is stored; the record follows.
  const { tokens } = JSON.parse(item.slice(item.indexOf("\n") + 1)) as Stored;
  return [tokens.access, tokens.refresh];
}

/** The files below `folder` that hold one of `secrets`, as they are or in one of the usual disguises. */
export async function filesHolding(secrets: string[], folder: string): Promise<string[]> {
  const needles = secrets.flatMap(disguises);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const bytes = (await readFile(path)).toString("latin1");
    if (needles.some((needle) => bytes.includes(needle))) found.push(path);
  }
  return found;
}

/** A secret as text, in UTF-16, in base64 at each of its three alignments, and in hexadecimal. */
function disguises(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const aligned = [0, 1, 2].map((shift) => {
    const whole = bytes.subarray(shift);
    return whole.subarray(0, whole.length - (whole.length % 3));
  });
  const hex = bytes.toString("hex");
  return [
    secret,
    Buffer.from(secret, "utf16le").toString("latin1"),
    ...aligned.map((part) => part.toString("base64")),
    ...aligned.map((part) => part.toString("base64url")),
    hex,
    hex.toUpperCase(),
  ];
}
