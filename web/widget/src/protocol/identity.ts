// Who the shop says the shopper is.

export interface Signed {
  jwt: string;
  who: string;
  /** In seconds since 1970. */
  exp: number;
}

/** `null` when nobody is signed in, `undefined` when the shop could not be asked. */
export type Identity = Signed | null | undefined;

const PATIENCE = 5_000;

export async function fetchIdentity(url: string): Promise<Identity> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const answer = await fetch(url, { credentials: "include", cache: "no-store", signal: patience.signal });
    if (answer.status === 401 || answer.status === 403) return null;
    if (!answer.ok) return undefined;
    const { identity } = (await answer.json()) as { identity?: string | null };
    return identity ? readClaims(identity) : null;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Only to keep two shoppers of one browser apart; whether the signature is true is the gateway's business. */
function readClaims(jwt: string): Signed {
  try {
    const part = (jwt.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const claims = JSON.parse(atob(part)) as { sub?: unknown; exp?: unknown };
    return { jwt, who: String(claims.sub ?? "?"), exp: Number(claims.exp) || Infinity };
  } catch {
    return { jwt, who: "?", exp: Infinity };
  }
}
