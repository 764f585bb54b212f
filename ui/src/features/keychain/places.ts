// Which places for sign-ins are offered, the best first. Whether one works is found out by the engine.
import type { About, StoredIn } from "../../api/types.gen";

/**
 * Memory is a way out where the present place cannot be used; nobody is tempted to give up a place that works. A file that
 * was named at the start and is not there yet is begun here.
 */
export function placesFor({ stored_in, keychain_problem, passphrase_needed, has_file }: About): StoredIn[] {
  if (passphrase_needed && !has_file) return ["file", "keychain", "memory"];
  const order: StoredIn[] = ["keychain", "file", "memory"];
  return order.filter((place) => place !== stored_in && (place !== "memory" || keychain_problem !== null));
}
