// The permissions of a sign-in: what was asked for beside what was granted.
import type { SignInView } from "../../api/types.gen";

export interface Permission {
  name: string;
  standing: "granted" | "refused" | "unasked";
}

/** Those asked for in their order, then what came unasked. Without a word about asking, nothing counts as unasked. */
export function permissionsOf({ scopes, asked_scopes: asked }: SignInView): Permission[] {
  const wanted = asked.map((name): Permission => ({ name, standing: scopes.includes(name) ? "granted" : "refused" }));
  const others = scopes.filter((name) => !asked.includes(name));
  const standing = asked.length === 0 ? "granted" : "unasked";
  return [...wanted, ...others.map((name): Permission => ({ name, standing }))];
}
