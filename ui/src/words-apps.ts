// The strings about AI apps: what was found in their files, bringing it in, what came with a project, and repairs.
import type { FindingCertainty } from "./api/types.gen";
import type { RepairGroup } from "./features/repairs/group";

const count = (n: number, one: string, many: string): string => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** Names as a sentence lists them: `a`, `a and b`, `a, b and c`. */
const listed = (names: string[]): string => new Intl.ListFormat("en-GB", { type: "conjunction" }).format(names);

const scopes: Record<string, string> = {
  user: "your settings",
  profile: "a profile of yours",
  local: "your settings for one folder",
  project: "a project folder",
  remote: "a remote machine or container",
  managed: "set by an administrator",
};

const groups: Record<RepairGroup, { title: string; text: string }> = {
  safe: { title: "Mending loses nothing", text: "Only what is out of date or plainly wrong changes." },
  file: { title: "Lies in an app's file", text: "Mending it changes what that app keeps." },
  choice: { title: "Needs a choice from you", text: "" },
  owner: { title: "Only its owner can mend it", text: "" },
};

const certainties: Record<FindingCertainty, string> = {
  stored: "The file says so",
  compared: "Follows from what was compared",
  unused: "Appears so; something unknown may use it",
};

export const foundWords = {
  title: (n: number) => `${count(n, "connector is", "connectors are")} on this computer`,
  more: (n: number) => `${count(n, "connector", "connectors")} on this computer can be brought in`,
  none: "Nothing new is on this computer",
  noneText: "Every connector in the files of your AI apps is in Replug already.",
  foundIn: (apps: string[]) => `Found in ${listed(apps)}. Nothing was changed, and nobody was contacted.`,
  own: "From your own settings",
  project: "From a project folder",
  projectNote:
    "Whoever sends you a project can put an address there. Replug contacts these only after you have seen and allowed them.",
  all: "Choose all",
  nothing: "Choose none",
  chosen: (chosen: number, all: number) =>
    `${chosen} of ${all} chosen. No browser is opened; you sign in when you want to.`,
  later: "Not now",
  bringIn: (n: number) => (n === 1 ? "Bring this one in" : `Bring these in (${n})`),
  bringingIn: "Bringing them in…",
  broughtIn: (n: number) => `${count(n, "connector", "connectors")} brought in`,
  waits: (n: number) => `${n === 1 ? "1 waits" : `${n} wait`} until you allow what a project folder says.`,
  programs: (n: number) =>
    `${count(n, "server runs", "servers run")} as programs on this computer; Replug leaves them alone`,
  program: (entry: string, app: string, program: string) => `${entry}, in ${app}: ${program}`,
  fromComputer: (n: number) => (n === 0 ? "From this computer…" : `From this computer (${n})…`),
  failed: "Replug cannot look through the apps on this computer",
  looking: "Looking through your AI apps…",
};

export const usedInWords = {
  none: "No AI app on this computer uses it",
  noneText: "Only Replug itself has it.",
  entry: "Entry",
  file: "File",
  scope: "Counts for",
  scopes,
  wrong: "What was noticed there",
};

export const approveWords = {
  title: (name: string) => `Allow ${name}?`,
  text: "This came with a project folder. Whoever sends you a project can put an address there, so look at what it says. Any other definition is asked about again.",
  from: (app: string) => `An entry of ${app}`,
  field: "Field",
  before: "Allowed before",
  now: "Says now",
  gone: "gone",
  absent: "not there",
  changed: "It changed since it was allowed.",
  hiddenChanged: "Something hidden changed too.",
  allow: "Allow",
  allowed: "Allowed",
  nothing: "No project folder names it any more.",
};

export const repairWords = {
  title: "Repairs",
  summary: (findings: number, apps: number) =>
    `${count(findings, "finding", "findings")} in ${count(apps, "app", "apps")}`,
  again: "Look again",
  groups,
  certainties,
  certainty: "How sure",
  evidence: "What was seen",
  where: (entry: string, app: string) => `“${entry}” in ${app}`,
  file: "File",
  open: "Show connector",
  details: "Details",
  none: "Nothing to mend",
  noneText: "The files of your AI apps look right. Their servers are checked under Connectors.",
};
