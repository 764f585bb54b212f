// The backend of the browser tests' build (`--mode fixtures`): in memory, with as many connectors as the address asks
// for (`?connectors=0`), what was found in the apps (`?found`, `?found=1000`), and a handle by which a test sends events
// and reads calls. Never part of a production bundle.
import { fixtures } from "./fixtures";
import { MemoryBackend } from "./memory-backend";
import { poison } from "./payloads";

declare global {
  interface Window {
    replugTest: MemoryBackend;
    /** Texts that everything free ends with (see ./payloads). */
    replugPayloads?: string;
  }
}

function connectorsAsked() {
  const asked = new URLSearchParams(location.search).get("connectors");
  if (asked === null) return fixtures.connectors();
  const count = Number(asked);
  return count <= fixtures.connectors().length ? fixtures.connectors().slice(0, count) : fixtures.many(count);
}

const plain = new MemoryBackend(connectorsAsked());
const found = new URLSearchParams(location.search).get("found");
if (found !== null) plain.scanned = found === "" ? fixtures.scanned() : fixtures.manyFound(Number(found));
const texts = window.replugPayloads;
export const backend = texts === undefined ? plain : poison(plain, texts);
window.replugTest = backend;
