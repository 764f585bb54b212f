// What a screen reader is told without being asked: politely, and each thing once.

/** How long sentences are gathered, so that ten checks that end together are one message. */
const GATHER_MS = 250;

export class Announcer {
  message = $state("");
  #waiting: string[] = [];

  say(sentence: string): void {
    if (this.#waiting.length === 0) setTimeout(() => this.#tell(), GATHER_MS);
    if (!this.#waiting.includes(sentence)) this.#waiting.push(sentence);
  }

  #tell(): void {
    this.message = this.#waiting.join(". ");
    this.#waiting = [];
  }
}
