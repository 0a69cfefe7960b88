// From a file of the shopper's to an address that can be said.

import type { Client } from "./client";

const LONGEST_PX = 2_000;
const LIGHT = 1_500_000;
const RENEWED_IN = 1_500;

/** The gateway's own word for why it took the file not. */
class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const refusalOf = (error: unknown, otherwise: string): string => (error instanceof Refused && error.message) || otherwise;

/** A photo as it is needed: a large one is drawn smaller here. `picture` is null for what is none. */
export async function lighter(file: Blob): Promise<{ data: Blob; picture: ImageBitmap | null }> {
  const picture = file.type.startsWith("image/") ? await createImageBitmap(file).catch(() => null) : null;
  if (!picture || file.type === "image/gif") return { data: file, picture }; // a GIF would stop moving
  const share = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height));
  if (share === 1 && file.size <= LIGHT) return { data: file, picture };
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * share);
  canvas.height = Math.round(picture.height * share);
  const context = canvas.getContext("2d");
  if (!context) return { data: file, picture };
  context.fillStyle = "#fff"; // JPEG has no transparency
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const drawn = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.86));
  return { data: drawn && drawn.size < file.size ? drawn : file, picture };
}

/** Where the gateway keeps it. A token that ran out on an open page is renewed once. */
export async function upload(data: Blob, client: Client, lang: string, signal: AbortSignal, progress: (share: number) => void): Promise<string> {
  try {
    return await put(data, client.token(), lang, signal, progress);
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
    client.renew();
    await new Promise((done) => setTimeout(done, RENEWED_IN));
    return put(data, client.token(), lang, signal, progress);
  }
}

/** With XMLHttpRequest, because `fetch` can't tell how much has gone. */
function put(data: Blob, token: string, lang: string, signal: AbortSignal, progress: (share: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", new URL(`/api/chat/uploads?lang=${lang}`, import.meta.url));
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = request.onabort = () => reject(new Refused(0, ""));
    request.onload = () => {
      const answer = request.response as { url?: string; error?: { message?: string } } | null;
      if (request.status === 200 && answer?.url) resolve(answer.url);
      else reject(new Refused(request.status, answer?.error?.message ?? ""));
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(data);
  });
}
