import { request } from "node:http";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../../tests/support/free-port.ts";
import { readinessOf, startOpsServer } from "./ops-server.ts";

const TEXT = "# HELP a b\n".repeat(10_000);
const PIECES = [TEXT.slice(0, 1_000), TEXT.slice(1_000)];

let port: number;
beforeAll(async () => {
  port = await freePort();
  await startOpsServer({
    host: "127.0.0.1",
    port,
    metrics: { contentType: "text/plain", metrics: async () => Promise.resolve(PIECES) },
    readiness: async () => Promise.resolve(readinessOf({ faults: [], warnings: [] })),
  });
});

/** Without `fetch`, which sets Accept-Encoding and decompresses the answer. */
async function scraped(acceptEncoding?: string) {
  const headers = acceptEncoding === undefined ? {} : { "accept-encoding": acceptEncoding };
  return new Promise<{ encoding: string | undefined; bytes: Buffer }>((resolve, reject) => {
    request({ port, path: "/metrics", headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        resolve({ encoding: answer.headers["content-encoding"], bytes: Buffer.concat(chunks) });
      });
    })
      .on("error", reject)
      .end();
  });
}

describe("/metrics", () => {
  it.each(["gzip", "deflate, gzip;q=0.5", "*"])("is compressed for clients that accept %s", async (accepted) => {
    const { encoding, bytes } = await scraped(accepted);
    expect([encoding, gunzipSync(bytes).toString()]).toEqual(["gzip", TEXT]);
    expect(bytes.length).toBeLessThan(TEXT.length / 20);
  });

  it.each([undefined, "", "identity", "gzip;q=0", "br"])(
    "is not compressed for clients that accept %s",
    async (accepted) => {
      const { encoding, bytes } = await scraped(accepted);
      expect([encoding, bytes.toString()]).toEqual([undefined, TEXT]);
    },
  );
});
