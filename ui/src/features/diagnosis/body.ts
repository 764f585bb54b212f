// What a body looked like, in words. Bodies themselves are never kept.
import type { BodyShape } from "../../api/types.gen";
import { words } from "../../words";

export function bodyWords(shape: BodyShape): string {
  const name = words.bodies[shape.kind];
  switch (shape.kind) {
    case "json_object":
    case "form":
      return shape.members.length === 0 ? name : `${name} ${words.diagnosis.with(shape.members.join(", "))}`;
    case "json_array":
      return `${name} ${words.diagnosis.with(words.diagnosis.items(shape.items))}`;
    case "html":
      return shape.title === null ? name : `${name}: “${shape.title}”`;
    case "empty":
    case "json_scalar":
    case "event_stream":
    case "text":
    case "binary":
      return name;
  }
}
