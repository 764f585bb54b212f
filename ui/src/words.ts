// Every string of the window that does not come from the engine. Sentences for codes are not here: they have one table
// in Rust. A translation replaces this file.
import type {
  Allow,
  BodyShape,
  ErrorBody,
  Level,
  Outcome,
  Owner,
  RegistrationKind,
  ServiceAnswer,
  Side,
  SignInReason,
  SignInStateName,
  State,
  StoredIn,
  Theme,
  Transport,
} from "./api/types.gen";

const count = (n: number, one: string, many: string): string => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

const internalError: ErrorBody = {
  code: "RPL-LOCAL-INTERNAL",
  text: "Replug itself made a mistake.",
  hint: "Try again; if it stays, send the code to support.",
};

const states: Record<State, string> = {
  connected: "Connected",
  connected_no_tools: "Connected, but no tools",
  needs_sign_in: "Needs sign-in",
  needs_setup: "Needs details",
  failed: "Failed",
  paused: "Paused",
  unknown: "Not checked yet",
};

const sides: Record<Side, string> = {
  app: "AI app",
  computer: "This computer",
  network: "Network",
  sign_in_service: "Sign-in service",
  server: "MCP server",
};

const keptIn: Record<StoredIn, string> = {
  keychain: "your keychain",
  file: "the encrypted file",
  memory: "memory, for this run only",
};

const revoked: Record<ServiceAnswer, string> = {
  yes: "The sign-in service ended it.",
  no: "The sign-in service refused to end it; here it is deleted.",
  not_offered: "",
  unreachable: "The sign-in service could not be asked; here it is deleted.",
};

const registrationDeleted: Record<ServiceAnswer, string> = {
  yes: "The registration is deleted there too.",
  no: "The sign-in service kept the registration.",
  not_offered: "",
  unreachable: "",
};

const outcomes: Record<Outcome, string> = {
  ok: "passed",
  warning: "needs attention",
  failed: "failed",
  skipped: "left out",
};

const days: Record<Level, string> = {
  green: "worked",
  amber: "needed you",
  red: "failed",
  grey: "not checked",
};

const signInStates: Record<SignInStateName, string> = {
  not_required: "Not needed",
  signed_out: "Signed out",
  awaiting_browser: "Waiting for your browser",
  signed_in: "Signed in",
  sign_in_needed: "Needed",
  unreachable: "Could not be asked",
};

const signInReasons: Record<SignInReason, string> = {
  never: "nobody signed in yet",
  expired: "it ended and cannot be renewed",
  dead: "the sign-in service does not renew it any more",
  refused: "the server refuses it",
  registration_gone: "the sign-in service forgot this app",
  scope: "more permission is needed",
  issuer_changed: "the sign-in service changed",
};

const registrationKinds: Record<RegistrationKind, string> = {
  pre_registered: "Entered in the settings",
  client_id_document: "Published by Replug (client-ID document)",
  dynamic: "Given out to Replug by the sign-in service",
};

const allows: Record<Allow, { title: string; text: string }> = {
  http: { title: "An address without encryption", text: "Everybody on the network can read what is sent." },
  "pkce-unlisted": {
    title: "A sign-in service that does not list PKCE",
    text: "Replug protects the sign-in all the same; the sign-in service may ignore it.",
  },
  "private-service": {
    title: "A sign-in service in a private network",
    text: "The server decides which address inside your network is asked.",
  },
};

const themes: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

const transports: Record<Transport, string> = { streamable_http: "Streamable HTTP", sse: "HTTP with events (2024)" };

const bodies: Record<BodyShape["kind"], string> = {
  empty: "No body",
  json_object: "A JSON object",
  json_array: "A JSON list",
  json_scalar: "A JSON value",
  event_stream: "A stream of events",
  html: "A web page",
  form: "A form",
  text: "Other text",
  binary: "Not text",
};

const owners: Record<Owner, string> = {
  computer: "This computer",
  network: "The network",
  sign_in_service: "The sign-in service",
  server: "The MCP server",
  app: "The AI app",
  settings: "The settings of this connector, or of Replug",
};

export const words = {
  internalError,
  states,
  sides,
  keptIn,
  revoked,
  registrationDeleted,
  outcomes,
  days,
  signInStates,
  signInReasons,
  registrationKinds,
  allows,
  themes,
  transports,
  bodies,
  months: "January February March April May June July August September October November December".split(" "),
  announce: (name: string, state: string) => `${name}: ${state}`,
  connectedWith: (tools: number) => `Connected · ${count(tools, "tool", "tools")}`,
  toolsIncomplete: "Tools incomplete",
  time: {
    justNow: "just now",
    minutesAgo: (n: number) => `${n} min ago`,
    at: (clock: string) => `at ${clock}`,
    yesterday: "yesterday",
    ended: (age: string) => `ended ${age}`,
    now: "any moment",
    inLessThanAMinute: "in less than a minute",
    inMinutes: (n: number) => `in ${n} min`,
    todayAt: (clock: string) => `today at ${clock}`,
    tomorrowAt: (clock: string) => `tomorrow at ${clock}`,
    onAt: (date: string, clock: string) => `${date} at ${clock}`,
  },
  outcome: {
    signedOut: "Signed out",
    forgotten: "Registration forgotten",
    removed: "Connector removed",
    saved: "Saved",
  },
  common: {
    add: "Add connector",
    back: "Back to Connectors",
    cancel: "Cancel",
    close: "Close",
    copied: "Copied",
    notCopied: "The system did not allow copying",
    copy: "Copy",
    dismiss: "Dismiss",
    done: "Done",
    hide: "Hide, and keep waiting",
    more: (name: string) => `More for ${name}`,
    save: "Save",
    said: "What the server said",
    saidHide: "Hide what the server said",
    tryAgain: "Try again",
  },
  frame: {
    label: "Replug",
    connectors: "Connectors",
    repairs: "Repairs",
    findings: (n: number) => (n === 1 ? "finding" : "findings"),
    settings: "Settings",
    needYou: (n: number) => (n === 1 ? "needs you" : "need you"),
    checked: (age: string) => `Checked ${age}`,
    next: (when: string) => `Next ${when}`,
    keptIn: (place: string) => `Sign-ins kept in ${place}`,
  },
  list: {
    title: "Connectors",
    search: "Search",
    searchLabel: "Search connectors",
    checkAll: "Check all",
    checking: (running: number, all: number) => `Checking ${running} of ${all}`,
    show: "Show",
    filters: { all: "All", connected: "Connected", needs_you: "Needs you", failed: "Failed" },
    groups: {
      needs_you: "Needs you",
      failed: "Failed",
      connected: "Connected",
      resting: "Paused and not checked",
    },
    usedIn: (apps: string) => `Used in ${apps}`,
    apps: (n: number) => count(n, "app", "apps"),
    step: (number: number, of: number) => (of > 0 ? `Checking now… step ${number} of ${of}` : "Checking now…"),
    mended: "Works again.",
    old: "Checked too long ago to be sure.",
    waiting: (left: string) => `Waiting for your browser… ${left} left`,
    signingIn: "Signing in…",
    showSheet: "Show",
    check: "Check",
    resume: "Resume",
    loading: "Reading your connectors…",
  },
  menu: {
    open: "Open",
    check: "Check now",
    cancelCheck: "Stop the check",
    signIn: "Sign in…",
    signInAgain: "Sign in again…",
    signOut: "Sign out",
    pause: "Pause checks",
    resume: "Resume checks",
    copyAddress: "Copy address",
    remove: "Remove…",
  },
  explain: {
    open: "What this code means",
    owner: "Where it lies",
    owners,
    actions: "What helps",
    reading: "Looking it up…",
    copy: "Copy code",
  },
  blank: {
    none: "Nothing is plugged in yet",
    noneText: "Paste the address of an MCP server. Replug looks at it before anything is saved.",
    search: (query: string) => `Nothing is called “${query}”`,
    searchText: "Names, addresses and apps were searched.",
    clearSearch: "Clear search",
    filter: {
      all: "Nothing to show",
      connected: "Nothing is connected",
      needs_you: "Nothing needs you",
      failed: "Nothing failed",
    },
    filterText: "Other connectors are under All.",
    showAll: "Show all",
    failed: "Replug cannot open its list",
    gone: "This connector is not here any more",
    goneText: "It was removed, perhaps by another Replug.",
  },
  page: {
    health: "Health",
    previous: "Previous connector",
    next: "Next connector",
    check: "Check",
    checkAgain: "Check again",
    stop: "Stop",
    checked: (age: string) => `Checked ${age}`,
    old: "It worked when it was last asked, but that is too long ago to be sure.",
    took: (duration: string) => `took ${duration}`,
    also: "Also found",
    evidence: "What was seen",
    whereFault: "Where the fault is",
    whereSound: "From here to the server",
    unsaved: "not saved yet",
    last30: "Last 30 days",
    worked: (green: number, checked: number) => `worked on ${green} of ${checked}`,
    noHistory: "not checked yet",
    today: "today",
    tabs: { tools: "Tools", sign_in: "Sign-in", diagnosis: "Diagnosis", used_in: "Used in", settings: "Settings" },
    running: (number: number, of: number) => (of > 0 ? `Checking, step ${number} of ${of}` : "Checking"),
  },
  fault: {
    fine: "Fine",
    fineIn: (duration: string) => `Fine, ${duration}`,
    answers: "Answers",
    notAsked: "Not asked",
    notInvolved: "Not involved",
    notNeeded: "Not needed",
    settings: "Your settings",
    here: "Fault is here",
    byState: { needs_sign_in: "No valid sign-in", needs_setup: "Wants details" } as Partial<Record<State, string>>,
    label: (side: string, what: string) => `${side}: ${what}`,
  },
  diagnosis: {
    intro: (steps: number, duration: string) =>
      `${count(steps, "step", "steps")}, ${duration}. Secrets are hidden before anything is shown or copied.`,
    none: "Not checked yet, so there are no steps to show.",
    copyText: "Copy as text",
    owner: "Message for the owner",
    passed: (n: number) => count(n, "step passed", "steps passed"),
    leftOut: (n: number) => count(n, "step left out", "steps left out"),
    asked: "Replug asked",
    answered: "The other side answered",
    exchanged: (host: string, status: string, body: string, took: string) =>
      `${host} answered ${status} after ${took}: ${body.charAt(0).toLowerCase()}${body.slice(1)}.`,
    unanswered: (host: string, took: string, error: string | null) =>
      `${host} gave no answer; it ended after ${took}${error === null ? "" : ` (${error})`}.`,
    body: (n: number) => (n === 0 ? "no body" : `a body of ${count(n, "byte", "bytes")}`),
    copyExchange: "Copy this exchange",
    noAnswer: "No answer came",
    bytes: (n: number) => count(n, "byte", "bytes"),
    hidden: "hidden",
    with: (members: string) => `with ${members}`,
    items: (n: number) => count(n, "item", "items"),
    details: (name: string) => `Details of ${name}`,
  },
  tools: {
    search: "Search tools",
    schema: "What it takes",
    annotations: "What it says about itself",
    count: (n: number) => count(n, "tool", "tools"),
    found: (n: number, all: number) => `${n} of ${count(all, "tool", "tools")}`,
    none: "This server offers no tools",
    noneFound: (query: string) => `No tool fits “${query}”`,
    incomplete: "The list breaks off before its end.",
    loading: "Reading the tools…",
    noDescription: "No description",
  },
  signInFacts: {
    status: "Sign-in",
    service: "Sign-in service",
    clientId: "Client ID",
    registered: "How it was registered",
    secretEnds: "Client secret ends",
    reduced: "Changed for this service",
    redirect: "Redirect address",
    permissions: "Permissions",
    noPermissions: "none named",
    standings: { granted: "", refused: "asked for, not granted", unasked: "granted without being asked for" },
    expires: "Expires",
    expiresUnknown: "the sign-in service did not say",
    renewable: "Renewable",
    yes: "yes, without a browser",
    no: "no, then you sign in again",
    keptIn: "Kept in",
    signOut: "Sign out",
    forget: "Forget registration…",
    signIn: "Sign in",
    notNeeded: "This server answers without a sign-in.",
    unknown: "No check got far enough to see whether a sign-in is needed.",
  },
  owner: {
    copied: "Message copied",
    copiedText: "Paste it into a mail or a ticket for the owner. It holds no secret.",
    greeting: (host: string) => `Hello, Replug found a problem with the MCP server at ${host}:`,
    state: (state: string) => `State: ${state}`,
    checked: (time: string) => `Checked: ${time}`,
  },
  confirm: {
    remove: (name: string) => `Remove ${name}?`,
    removeText: [
      "The sign-in ends at the service, where it offers that, and is deleted here.",
      "The registration is deleted at the service, where it offers that.",
      "The connector, its settings and its history are deleted here.",
    ],
    removeApps: (apps: string) => `${apps} keep their own entries for this server.`,
    remove1: "Remove",
    forget: (name: string) => `Forget the registration of ${name}?`,
    forgetText: [
      "The sign-in ends at the service, where it offers that, and is deleted here.",
      "The registration is deleted there and here. The next sign-in registers anew.",
      "The connector and its settings are kept.",
    ],
    forget1: "Forget",
    keep: "Keep it",
    close: "Close without saving?",
    unsaved: (name: string) => `Changed settings of ${name} are not saved.`,
    stay: "Stay",
    closeAnyway: "Close without saving",
  },
};
