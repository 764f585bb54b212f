// What is in the files of the AI apps on this computer, as the last look saw it. Nobody is contacted by looking.
import type { Backend } from "../api/backend";
import { refusalOf } from "../api/refusal";
import type { AppFinding, ErrorBody, FoundConnector, LocalServer, Scanned } from "../api/types.gen";

export class Found {
  scanned: Scanned | null = $state.raw(null);
  refusal: ErrorBody | null = $state.raw(null);
  looking = $state(false);
  /** Whether the person has put off what was found at the first start. */
  later = $state(false);
  #look = 0;

  /** Connectors that Replug does not have yet. */
  get candidates(): FoundConnector[] {
    return this.scanned?.connectors.filter(({ imported }) => !imported) ?? [];
  }

  get findings(): AppFinding[] {
    return this.scanned?.findings ?? [];
  }

  get localServers(): LocalServer[] {
    return this.scanned?.local_servers ?? [];
  }

  /** Looks once more. What was seen before stays until then. */
  async look(backend: Backend): Promise<void> {
    const mine = (this.#look += 1);
    this.looking = true;
    try {
      const scanned = await backend.scan();
      if (mine !== this.#look) return;
      this.scanned = scanned;
      this.refusal = null;
    } catch (thrown) {
      if (mine === this.#look) this.refusal = refusalOf(thrown).body;
    } finally {
      if (mine === this.#look) this.looking = false;
    }
  }
}
