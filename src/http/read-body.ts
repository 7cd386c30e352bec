/** A body that is refused, and the status that says why. */
export class BodyRefused extends Error {
  constructor(readonly status: 400 | 408 | 413) {
    super(`The body was refused with ${status}`);
  }
}

// The body of a request, whole and as it came, if it is not too long and does not take too long.
export async function readBody(request: Request, { maxBytes, maxMs }: { readonly maxBytes: number; readonly maxMs: number }): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw new BodyRefused(413);
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new BodyRefused(408)), maxMs)));
  try {
    return await Promise.race([readAll(reader, maxBytes), late]);
  } catch (error) {
    // Whoever sends on has nobody who listens.
    reader.cancel().catch(() => undefined);
    throw error instanceof BodyRefused ? error : new BodyRefused(400);
  } finally {
    clearTimeout(timer);
  }
}

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let length = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    length += value.length;
    if (length > maxBytes) throw new BodyRefused(413);
    chunks.push(value);
  }
}
