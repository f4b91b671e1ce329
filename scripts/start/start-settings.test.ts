import { createServer } from "node:net";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { freeLoopbackPort } from "../process/free-port.mjs";
import { checkPorts, defaultProcesses, opsPorts, readSettings } from "./start-settings.mjs";

describe("readSettings", () => {
  it("treats an empty variable as not set, as compose files and shells write it", () => {
    expect(readSettings({ REDIS_URL: "", API_PORT: "", HOST: "" })).toMatchObject({
      redisUrl: undefined,
      host: "127.0.0.1",
      ports: { API_PORT: 8081 },
      durability: "durable",
    });
  });

  it("reports all faults at once, by the variable's name", () => {
    const faulty = { API_PORT: "http", INGEST_PORT: "9101", REDIS_DURABILITY: "never", REDIS_MAXMEMORY: "50%" };
    expect(() => readSettings(faulty)).toThrow(
      /API_PORT.*INGEST_PORT and INGEST_OPS_PORT.*REDIS_DURABILITY.*REDIS_MAXMEMORY/s,
    );
  });

  it.each(["768mb", "2GB", "1000000", "0"])("accepts %s as the memory limit of Redis, as Redis does", (given) => {
    expect(readSettings({ REDIS_MAXMEMORY: given }).redisMemoryMax).toBe(given);
  });
});

describe("the number of processes", () => {
  it("is by default what one Redis can serve, if there are enough cores", () => {
    expect([1, 2, 3, 4, 64].map((cores) => defaultProcesses(cores).ingest)).toEqual([1, 1, 1, 2, 2]);
    expect([1, 2, 3, 4, 64].map((cores) => defaultProcesses(cores).worker)).toEqual([1, 1, 1, 1, 1]);
  });

  it("can be set, and each process has its own ops port", () => {
    expect(readSettings({ INGEST_PROCESSES: "3", WORKER_PROCESSES: "2" }).processes).toEqual({ ingest: 3, worker: 2 });
    expect(opsPorts(9101, 3)).toEqual([9101, 9111, 9121]);
  });

  it.each(["0", "-1", "1.5", "two", "65"])("is refused by name if it is %s", (given) => {
    const faulty = { INGEST_PROCESSES: given, WORKER_PROCESSES: given };
    expect(() => readSettings(faulty)).toThrow(/INGEST_PROCESSES must be.*WORKER_PROCESSES must be.* from 1 to 64/s);
  });

  it("is refused if the ops ports of the processes conflict", () => {
    const faulty = { WORKER_PROCESSES: "2", WORKER_OPS_PORT: "9091" };
    expect(() => readSettings(faulty)).toThrow(/INGEST_OPS_PORT and WORKER_OPS_PORT both come to 9101/);
    expect(() => readSettings({ INGEST_PROCESSES: "2", INGEST_OPS_PORT: "65530" })).toThrow(
      /INGEST_OPS_PORT is too high/,
    );
  });
});

describe("checkPorts", () => {
  it("names a busy port and the variable that changes it", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const busy = typeof address === "object" && address !== null ? address.port : 0;
    const names = [
      "INGEST_PORT",
      "API_PORT",
      "INGEST_OPS_PORT",
      "WORKER_OPS_PORT",
      "API_OPS_PORT",
      "FORWARDER_OPS_PORT",
    ];
    const free = await Promise.all(names.map(async (name) => [name, String(await freeLoopbackPort())] as const));
    const settings = readSettings({ ...Object.fromEntries(free), API_PORT: String(busy) });
    await expect(checkPorts(settings)).rejects.toMatchObject({
      exitCode: 69,
      message: `Port ${String(busy)} is in use: set API_PORT to a free one, or stop the program that uses it.`,
    });
    server.close();
  });
});
