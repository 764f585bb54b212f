// Judging what stands in the address field just enough to know when to look. What it means is read by the engine.

const LEAST = 4;
const MOST_LINES = 6;

/** Whether it is worth looking without being asked: an address with a host, or something pasted from a vendor's page. */
export function looksComplete(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed.length < LEAST) return false;
  if (/^https?:\/\//i.test(trimmed)) return /^https?:\/\/[^\s/]*[^\s/.:]/i.test(trimmed) && hostIsPlausible(trimmed);
  if (trimmed.startsWith("{")) return trimmed.endsWith("}");
  if (/\s/.test(trimmed)) return /https?:\/\/\S+/i.test(trimmed);
  return hostIsPlausible(`https://${trimmed}`);
}

function hostIsPlausible(address: string): boolean {
  try {
    const { hostname } = new URL(address);
    return (
      hostname === "localhost" || hostname.startsWith("[") || /\.[^.]{2,}$/.test(hostname) || /^[\d.]+$/.test(hostname)
    );
  } catch {
    return false;
  }
}

/** How many lines the field shows: as many as were pasted, up to six. */
export function linesOf(text: string): number {
  return Math.min(MOST_LINES, text.split("\n").length);
}
