/** An image's address when it lies on our own origin, which the page's policy allows; else nothing is fetched. */
export function ownImage(address: string | undefined): string | null {
  if (!address) return null;
  try {
    const url = new URL(address, location.origin);
    return url.origin === location.origin && /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
