import { readFile } from "node:fs/promises";
import { openApiDocument } from "../packages/schemas/src/index.ts";
import { describe, expect, it } from "vitest";
import { clientTypes } from "../scripts/development/client-types.mjs";
import { createTicktallyClient } from "../packages/client/src/index.ts";

const COUNTS = { failed: 2, sent: 5 };

/** Answers every request with the same, and keeps what was asked. */
function recorded(answer: unknown) {
  const requests: Request[] = [];
  const client = createTicktallyClient({
    baseUrl: "http://ticktally.example",
    token: "secret",
    fetch: async (request) => {
      requests.push(request);
      return Promise.resolve(Response.json(answer));
    },
  });
  return { client, requests };
}

describe("the client", () => {
  it("has the types of the OpenAPI document as it is: npm run client writes them", async () => {
    const written = await readFile(new URL("../packages/client/src/openapi.ts", import.meta.url), "utf8");
    expect(written).toBe(await clientTypes(JSON.stringify(openApiDocument())));
  }, 60_000);

  it("asks with the token, and knows each status by its name", async () => {
    const { client, requests } = recorded({ success: true, metrics: { messagesByStatus: COUNTS } });
    const { data } = await client.GET("/metrics/{instances}", { params: { path: { instances: "sales" } } });
    expect(data?.metrics.messagesByStatus.failed).toBe(2);
    // @ts-expect-error A status that there is not does not compile.
    expect(data?.metrics.messagesByStatus.typo).toBeUndefined();
    expect(requests.map(({ url }) => url)).toEqual(["http://ticktally.example/metrics/sales"]);
    expect(requests[0]?.headers.get("token")).toBe("secret");
  });

  it("takes what a query can be, and nothing else", async () => {
    const { client, requests } = recorded({ success: true, series: { groups: [{ key: { instance: "sales" } }] } });
    const path = { instances: "all" };
    const query = { groupBy: "instance", step: "month", cohort: "message", tz: "Europe/Berlin" } as const;
    const { data } = await client.GET("/metrics/{instances}/series", { params: { path, query } });
    const groups = data !== undefined && "groups" in data.series ? data.series.groups : [];
    expect(groups.map(({ key }) => key.instance)).toEqual(["sales"]);
    // @ts-expect-error No step is called so.
    await client.GET("/metrics/{instances}/series", { params: { path, query: { step: "fortnight" } } });
    expect(requests[0]?.url).toContain("groupBy=instance&step=month&cohort=message");
  });
});
