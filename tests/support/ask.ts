import { request, type IncomingMessage } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/**
 * Send a request on a new connection: an idle one may have been closed while the test was busy. It takes half the CPU time of `fetch`, and no
 * compression is asked for unless `headers` do. Of an event stream, which does not end by itself, only the first chunk is read.
 */
export async function ask(url: string, { method = "GET", headers = {}, body }: Asked = {}): Promise<Answer> {
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, { method, headers: { ...headers, ...length }, agent: false }, resolve);
    sent.on("error", reject).end(body);
  });
  const own = new Headers();
  for (let i = 0; i < response.rawHeaders.length; i += 2)
    own.append(response.rawHeaders[i] ?? "", response.rawHeaders[i + 1] ?? "");
  const isEndless = own.get("content-type")?.startsWith("text/event-stream") === true;
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    if (isEndless) break;
  }
  const bytes = decompressed(Buffer.concat(chunks), own.get("content-encoding"));
  return { status: response.statusCode ?? 0, headers: own, text: new TextDecoder().decode(bytes) };
}

function decompressed(bytes: Buffer, encoding: string | null): Buffer {
  if (encoding === "gzip") return gunzipSync(bytes);
  return encoding === "br" ? brotliDecompressSync(bytes) : bytes;
}
