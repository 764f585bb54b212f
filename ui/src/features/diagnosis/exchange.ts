// One exchange in words: a sentence for everybody, and the lines that a person who knows HTTP expects. All of it was made
// safe by the engine; nothing is added here.
import type { Exchange, HeaderLine } from "../../api/types.gen";
import { durationWords } from "../../lib/time";
import { words } from "../../words";
import { bodyWords } from "./body";

/** The usual phrases of the statuses that a sign-in and a tool list meet (RFC 9110, RFC 6585). */
const PHRASES: Record<number, string> = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  421: "Misdirected Request",
  425: "Too Early",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  511: "Network Authentication Required",
};

/** `401 Unauthorized`, or the number alone where it has no usual phrase; null when no answer came. */
export function statusLine({ status }: Exchange): string | null {
  if (status === null) return null;
  const phrase = PHRASES[status];
  return phrase === undefined ? String(status) : `${status} ${phrase}`;
}

/** Who was asked: the host, with its port when it is unusual. An address that cannot be read is given whole. */
function hostOf({ url }: Exchange): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** What happened, in one sentence. */
export function exchangeSentence(exchange: Exchange): string {
  const host = hostOf(exchange);
  const took = durationWords(exchange.duration_ms);
  const status = statusLine(exchange);
  if (status === null) return words.diagnosis.unanswered(host, took, exchange.error);
  return words.diagnosis.exchanged(host, status, bodyWords(exchange.body_shape), took);
}

const headerLine = ({ name, value }: HeaderLine): string => `${name}: ${value ?? words.diagnosis.hidden}`;

/** The exchange as text for a ticket: the request's lines begin with `>`, the answer's with `<`. */
export function exchangeText(exchange: Exchange): string[] {
  const status = statusLine(exchange) ?? words.diagnosis.noAnswer;
  const said = exchange.error === null ? status : `${status}: ${exchange.error}`;
  const body = `${bodyWords(exchange.body_shape)}, ${words.diagnosis.bytes(exchange.response_bytes)}`;
  return [
    `> ${exchange.method} ${exchange.url}`,
    ...exchange.request_headers.map((line) => `> ${headerLine(line)}`),
    `> (${words.diagnosis.body(exchange.request_bytes)})`,
    `< ${said} (${durationWords(exchange.duration_ms)})`,
    ...exchange.response_headers.map((line) => `< ${headerLine(line)}`),
    ...(exchange.status === null ? [] : [`< (${body})`]),
  ];
}
