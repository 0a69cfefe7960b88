import type { Ticket } from "../../desk_api";

export interface NextDue {
  what: "feedback" | "proposal" | "result" | "follow_up";
  at: number;
  isLate: boolean;
}

/** What the customer hears next and by when; null when nothing is owed any more. */
export function nextDue(ticket: Ticket, now: number): NextDue | null {
  const { due, stage, heard } = ticket;
  const what = stage === "closed" ? "follow_up" : stage === "feedback" ? "result" : heard ? "proposal" : "feedback";
  const at = due[what] ?? 0;
  return at ? { what, at, isLate: at <= now } : null;
}
