import { createServer } from "node:net";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { freeLoopbackPort } from "./free-port.mjs";
import { checkPorts, readSettings } from "./start-settings.mjs";

describe("readSettings", () => {
  it("takes an empty variable for none, as compose files and shells write it", () => {
    expect(readSettings({ REDIS_URL: "", API_PORT: "", HOST: "" })).toMatchObject({
      redisUrl: undefined,
      host: "127.0.0.1",
      ports: { API_PORT: 8081 },
      durability: "durable",
    });
  });

  it("tells all faults at once, by the variable's name", () => {
    const faulty = { API_PORT: "http", INGEST_PORT: "9101", REDIS_DURABILITY: "never" };
    expect(() => readSettings(faulty)).toThrow(/API_PORT.*INGEST_PORT and INGEST_OPS_PORT.*REDIS_DURABILITY/s);
  });
});

describe("checkPorts", () => {
  it("names a busy port and the variable that changes it", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const busy = typeof address === "object" && address !== null ? address.port : 0;
    const names = ["INGEST_PORT", "API_PORT", "INGEST_OPS_PORT", "WORKER_OPS_PORT", "API_OPS_PORT"];
    const free = await Promise.all(names.map(async (name) => [name, String(await freeLoopbackPort())] as const));
    const settings = readSettings({ ...Object.fromEntries(free), API_PORT: String(busy) });
    await expect(checkPorts(settings)).rejects.toMatchObject({
      exitCode: 69,
      message: `Port ${String(busy)} is in use: set API_PORT to a free one, or stop the program that uses it.`,
    });
    server.close();
  });
});
