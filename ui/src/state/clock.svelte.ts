// The time as the pages see it. It ticks only while something on the screen depends on it.
import { createSubscriber } from "svelte/reactivity";

export class Clock {
  readonly #read: () => number;
  readonly #follow: () => void;

  /** `read` gives milliseconds since 1970; whoever reads `now` is redrawn every `everyMs`. */
  constructor(read: () => number, everyMs: number) {
    this.#read = read;
    this.#follow = createSubscriber((redraw) => {
      const timer = setInterval(redraw, everyMs);
      return () => clearInterval(timer);
    });
  }

  get now(): number {
    this.#follow();
    return this.#read();
  }
}
