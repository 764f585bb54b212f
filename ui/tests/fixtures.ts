// The fixtures as typed values. Each call gives a fresh copy, so that one test cannot spoil another.
import about from "../fixtures/about.json" with { type: "json" };
import appSettings from "../fixtures/app-settings.json" with { type: "json" };
import codes from "../fixtures/codes.json" with { type: "json" };
import connectors from "../fixtures/connectors.json" with { type: "json" };
import definition from "../fixtures/definition.json" with { type: "json" };
import details from "../fixtures/details.json" with { type: "json" };
import probes from "../fixtures/probes.json" with { type: "json" };
import progress from "../fixtures/progress.json" with { type: "json" };
import scanned from "../fixtures/scanned.json" with { type: "json" };
import selfTest from "../fixtures/self-test.json" with { type: "json" };
import tools from "../fixtures/tools.json" with { type: "json" };
import type {
  About,
  AppSettings,
  CodeEntry,
  ConnectorDetail,
  ConnectorView,
  Probe,
  ProbeKind,
  ProjectDefinition,
  Scanned,
  SelfTest,
  SettingsView,
  SignInProgress,
  SignInStep,
  ToolList,
} from "../src/api/types.gen";

/** When the fixtures were "now". */
export const NOW = Date.parse("2026-11-20T09:41:00Z");

// JSON modules type every text as `string`, so the unions must be claimed here, once.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the parameter is the claim
const fresh = <Value>(value: unknown): Value => structuredClone(value) as Value;

export const fixtures = {
  about: () => fresh<About>(about),
  appSettings: () => fresh<AppSettings>(appSettings),
  connectors: () => fresh<ConnectorView[]>(connectors),
  definition: () => fresh<ProjectDefinition>(definition),
  details: () => fresh<ConnectorDetail[]>(details),
  scanned: () => fresh<Scanned>(scanned),
  selfTest: () => fresh<SelfTest>(selfTest),
  tools: () => fresh<ToolList>(tools),

  /** What the table says of a code. */
  code(code: string): CodeEntry {
    const found = fresh<CodeEntry[]>(codes).find((entry) => entry.code === code);
    if (found === undefined) throw new Error(`no such code ${code}`);
    return found;
  },

  connector(id: string): ConnectorView {
    const found = fixtures.connectors().find((connector) => connector.id === id);
    if (found === undefined) throw new Error(`no fixture connector ${id}`);
    return found;
  },

  /** A connector's page; those without a fixture of their own have no steps. */
  detail(id: string): ConnectorDetail {
    const found = fixtures.details().find(({ connector }) => connector.id === id);
    return found ?? { connector: fixtures.connector(id), settings: plainSettings(), steps: [], days: [] };
  },

  probe(kind: ProbeKind): Probe {
    const found = fresh<Probe[]>(probes).find((probe) => probe.kind === kind);
    if (found === undefined) throw new Error(`no fixture probe ${kind}`);
    return found;
  },

  /** How far a sign-in is; `done` is the one that ended well. */
  progress(step: SignInStep): SignInProgress {
    const found = fresh<SignInProgress[]>(progress).find((one) => one.step === step);
    if (found === undefined) throw new Error(`no fixture progress ${step}`);
    return found;
  },

  /** The question whether another sign-in service than before is right. */
  movedProgress(): SignInProgress {
    const found = fresh<SignInProgress[]>(progress).find(({ plan }) => plan !== null && plan.moved_from !== null);
    if (found === undefined) throw new Error("no fixture of a moved sign-in service");
    return found;
  },

  deniedProgress(): SignInProgress {
    const found = fresh<SignInProgress[]>(progress).find(({ error }) => error !== null);
    if (found === undefined) throw new Error("no fixture of a denied sign-in");
    return found;
  },

  /** As many connectors to bring in as asked for, and nothing else. */
  manyFound(count: number): Scanned {
    const connectors = fixtures
      .many(count)
      .map((connector) => ({ ...connector, imported: false, needs_approval: false }));
    return { connectors, findings: [], local_servers: [] };
  },

  /** As many connectors as asked for, of every state, with names of their own. */
  many(count: number): ConnectorView[] {
    const models = fixtures.connectors();
    return Array.from({ length: count }, (_, index) => {
      const model = models[index % models.length];
      if (model === undefined) throw new Error("no fixture connectors");
      return { ...structuredClone(model), id: `c${index}`, name: `${String(index).padStart(4, "0")} ${model.name}` };
    });
  },
};

function plainSettings(): SettingsView {
  const [first] = fixtures.details().slice(1);
  if (first === undefined) throw new Error("no fixture details");
  return first.settings;
}
