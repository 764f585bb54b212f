// Small readings of foreign text: the letter that stands in for a logo, and hosts. Making text safe to
// show is done before it gets here.

/** The letter of a name's tile: its first letter or number, else its first character. */
export function monogram(name: string): string {
  const characters = Array.from(new Intl.Segmenter().segment(name), ({ segment }) => segment);
  const letter = characters.find((character) => /[\p{L}\p{N}]/u.test(character));
  return (letter ?? characters[0] ?? "").toLocaleUpperCase();
}

/** Splits a host into the part that says nothing about its owner and the part that somebody registered. */
export function hostParts(host: string, registrable: string | null): [string, string] {
  const [name = host] = host.split(":", 1);
  if (registrable === null || !name.endsWith(registrable)) return ["", host];
  const start = name.length - registrable.length;
  return [host.slice(0, start), host.slice(start)];
}

/** The host of an address in plain ASCII letters, with an unusual port; what is no address stays as it is. */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}
