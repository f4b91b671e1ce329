import type { IncomingMessage } from "node:http";

export type Body =
  { readonly kind: "read"; readonly text: string } | { readonly kind: "tooLarge" } | { readonly kind: "broken" };

/** Read a request's body once, up to a limit. Calls back rather than promises: this runs for every webhook. */
export function readBody(req: IncomingMessage, bytesMax: number, done: (body: Body) => void): void {
  if (Number(req.headers["content-length"] ?? 0) > bytesMax) {
    done({ kind: "tooLarge" });
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isDone = false;
  const finish = (body: Body) => {
    if (isDone) return;
    isDone = true;
    done(body);
  };
  req.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) finish({ kind: "tooLarge" });
    else chunks.push(chunk);
  });
  req.on("end", () => {
    const [first] = chunks;
    const whole = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    finish({ kind: "read", text: whole.toString("utf8") });
  });
  req.on("error", () => {
    finish({ kind: "broken" });
  });
}

/**
 * After an early answer, take in and forget what the sender is still sending, so that it gets to read the answer; but
 * not more than this.
 */
export function discardBody(req: IncomingMessage, bytesMax: number): void {
  let bytes = 0;
  req.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) req.destroy();
  });
  req.resume();
}
