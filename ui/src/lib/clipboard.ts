// Putting text on the clipboard. Never given a secret: the pages have none.

/** Copies `text`; false when the system does not allow it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
