import { readFile } from "node:fs/promises";
import { openApiDocument } from "../packages/schemas/src/index.ts";
import { describe, expect, it } from "vitest";
import { clientTypes } from "../scripts/development/client-types.mjs";
import { createTicktallyClient } from "../packages/client/src/index.ts";

const COUNTS = { failed: 2, sent: 5 };

/** A `fetch` that gives the same answer to every request, and records the requests. */
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
  it("has the types of the current OpenAPI document (if not: npm run client)", async () => {
    const written = await readFile(new URL("../packages/client/src/openapi.ts", import.meta.url), "utf8");
    expect(written).toBe(await clientTypes(JSON.stringify(openApiDocument())));
  }, 60_000);

  it("sends the token, and has a type for each status", async () => {
    const { client, requests } = recorded({ success: true, metrics: { messagesByStatus: COUNTS } });
    const { data } = await client.GET("/metrics/{instances}", { params: { path: { instances: "sales" } } });
    expect(data?.metrics.messagesByStatus.failed).toBe(2);
    // @ts-expect-error An unknown status does not compile.
    expect(data?.metrics.messagesByStatus.typo).toBeUndefined();
    expect(requests.map(({ url }) => url)).toEqual(["http://ticktally.example/metrics/sales"]);
    expect(requests[0]?.headers.get("token")).toBe("secret");
  });

  it("accepts only the documented query parameters", async () => {
    const { client, requests } = recorded({ success: true, series: { groups: [{ key: { instance: "sales" } }] } });
    const path = { instances: "all" };
    const query = { groupBy: "instance", step: "month", cohort: "message", tz: "Europe/Berlin" } as const;
    const { data } = await client.GET("/metrics/{instances}/series", { params: { path, query } });
    const groups = data !== undefined && "groups" in data.series ? data.series.groups : [];
    expect(groups.map(({ key }) => key.instance)).toEqual(["sales"]);
    // @ts-expect-error An unknown step does not compile.
    await client.GET("/metrics/{instances}/series", { params: { path, query: { step: "fortnight" } } });
    expect(requests[0]?.url).toContain("groupBy=instance&step=month&cohort=message");
  });
});
