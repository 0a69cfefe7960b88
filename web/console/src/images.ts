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

export const bytes = (size: number): string => (size < 1_000_000 ? `${Math.max(1, Math.round(size / 1000))} KB` : `${(size / 1_000_000).toFixed(1)} MB`);

const LONGEST_PX = 2_000;
const LIGHT = 1_500_000;

/** A photo as the customer needs it: large ones are drawn smaller here, before they are sent. */
export async function lighter(file: Blob): Promise<Blob> {
  if (!/^image\/(png|jpeg|webp)$/.test(file.type)) return file; // a GIF would stop moving
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return file; // the desk says what is wrong with it
  const share = Math.min(1, LONGEST_PX / Math.max(bitmap.width, bitmap.height));
  if (share === 1 && file.size <= LIGHT) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * share);
  canvas.height = Math.round(bitmap.height * share);
  const context = canvas.getContext("2d");
  if (!context) return file;
  context.fillStyle = "#fff"; // JPEG has no transparency
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const drawn = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.86));
  return drawn && drawn.size < file.size ? drawn : file;
}
