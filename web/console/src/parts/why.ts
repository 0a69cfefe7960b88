import { Refused, Unreachable } from "../api";

/** Why a call failed, in the reader's words: the desk's own sentence when it had one. */
export function why(error: unknown, t: (key: string) => string): string {
  if (error instanceof Unreachable) return error.said || t("why.offline");
  if (error instanceof Refused) return error.message || t("why.refused");
  return t("why.unknown");
}
