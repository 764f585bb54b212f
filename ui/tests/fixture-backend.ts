// The backend of the browser tests' build (`--mode fixtures`): in memory, with as many connectors as the address asks
// for (`?connectors=0`), and a handle by which a test sends events and reads calls. Never part of a production bundle.
import { fixtures } from "./fixtures";
import { MemoryBackend } from "./memory-backend";

declare global {
  interface Window {
    replugTest: MemoryBackend;
  }
}

function connectorsAsked() {
  const asked = new URLSearchParams(location.search).get("connectors");
  if (asked === null) return fixtures.connectors();
  const count = Number(asked);
  return count <= fixtures.connectors().length ? fixtures.connectors().slice(0, count) : fixtures.many(count);
}

export const backend = new MemoryBackend(connectorsAsked());
window.replugTest = backend;
