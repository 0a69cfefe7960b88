/** What a lesson tells of itself: the step that it is at, or the figures of before and after. */
export interface Score {
  turns: number;
  alone: number;
  heard: number;
  in_context: number;
}

export interface Told {
  step: string;
  figures: { turns: number; before: Score; after: Score; model: string } | null;
  rest: string;
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return value && typeof value === "object" ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Lines of JSON are steps or figures; the others are a person's words (of an error, or of an older lesson). */
export function read(told: string): Told {
  const found: Told = { step: "", figures: null, rest: "" };
  const rest: string[] = [];
  for (const line of told.split("\n")) {
    const value = parsed(line);
    if (typeof value?.step === "string") found.step = value.step;
    else if (value?.before && value.after) found.figures = value as unknown as Told["figures"];
    else if (line) rest.push(line);
  }
  found.rest = rest.join("\n");
  return found;
}
