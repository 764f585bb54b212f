// How hard a passphrase is to guess, roughly: a hint for whoever chooses one. Nothing is refused by it but what is too short.

export type Strength = "short" | "weak" | "fair" | "strong";

export const SHORTEST = 8;
const FAIR_BITS = 50;
const STRONG_BITS = 75;

/** What a guesser has to go through, in bits. Repeated characters and runs such as "abc" or "123" count little. */
export function strengthOf(text: string): Strength {
  const characters = Array.from(text);
  if (characters.length < SHORTEST) return "short";
  const fresh = characters.filter((character, index) => !isExpected(character, characters[index - 1])).length;
  const variety = new Set(characters).size / characters.length;
  const bits = fresh * Math.log2(alphabetOf(text)) * Math.min(1, variety * 2);
  return bits >= STRONG_BITS ? "strong" : bits >= FAIR_BITS ? "fair" : "weak";
}

function isExpected(character: string, before: string | undefined): boolean {
  if (before === undefined) return false;
  const step = (character.codePointAt(0) ?? 0) - (before.codePointAt(0) ?? 0);
  return Math.abs(step) <= 1;
}

function alphabetOf(text: string): number {
  const kinds: [RegExp, number][] = [
    [/\p{Ll}/u, 26],
    [/\p{Lu}/u, 26],
    [/\p{Nd}/u, 10],
    [/[^\p{Ll}\p{Lu}\p{Nd}]/u, 20],
  ];
  return kinds.reduce((size, [kind, more]) => (kind.test(text) ? size + more : size), 0);
}
