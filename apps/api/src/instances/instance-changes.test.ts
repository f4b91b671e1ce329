import { StoreUnavailableError } from "@ticktally/core";
import { OutboundNetworks } from "@ticktally/schemas";
import { createLogger } from "@ticktally/telemetry";
import { describe, expect, it } from "vitest";
import { InstanceChanges } from "./instance-changes.ts";

const SALES = { id: "1", name: "sales" };

/** A store with one instance that has all kinds of data. The step with this number fails, counted over all calls. */
function storeFailingAt(failing: number) {
  const world = {
    ...{ steps: 0, registered: true, counted: true, quarantined: 1200, upstream: true, timesErased: 0 },
    /** What remains in the sum for Prometheus. */
    kept: undefined as number | undefined,
  };
  const step = async (effect: () => void) => {
    world.steps += 1;
    if (world.steps === failing) throw new StoreUnavailableError("away");
    effect();
    return Promise.resolve();
  };
  const changes = new InstanceChanges({
    administration: {
      create: async () => Promise.resolve("id_taken"),
      rename: async () => Promise.resolve("unknown"),
      addToken: async () => Promise.resolve("unknown"),
      remove: async (_, counted) => {
        world.kept = counted.get("messages/outgoing/api");
        return step(() => (world.registered = false));
      },
    },
    settings: { changeSettings: async () => Promise.resolve() },
    upstreams: { setUpstream: async () => step(() => (world.upstream = false)) },
    eraser: { forget: async () => step(() => (world.counted = false)) },
    quarantine: {
      ids: async () => Promise.resolve(Array.from({ length: world.quarantined }, (_, i) => String(i))),
      remove: async (ids) => {
        await step(() => (world.quarantined -= ids.length));
        return ids.length;
      },
    },
    grown: async () => Promise.resolve(new Map([["messages/outgoing/api", world.counted ? 7 : 0]])),
    forwarded: { drop: async () => Promise.resolve() },
    outbound: new OutboundNetworks([]),
    onForgotten: () => (world.timesErased += 1),
    logger: createLogger("test", "silent"),
  });
  return { world, changes };
}

describe("delete", () => {
  it("removes everything and reports that there is data to erase", async () => {
    const { world, changes } = storeFailingAt(Infinity);
    await changes.delete(SALES);
    expect(world).toMatchObject({ registered: false, counted: false, quarantined: 0, upstream: false, timesErased: 1 });
    // Read before the deletion.
    expect(world.kept).toBe(7);
  });

  it("keeps the instance registered if a step fails while data is left, so that it can be repeated", async () => {
    const steps = await (async () => {
      const { world, changes } = storeFailingAt(Infinity);
      await changes.delete(SALES);
      return world.steps;
    })();
    for (let failing = 1; failing <= steps; failing++) {
      const { world, changes } = storeFailingAt(failing);
      await expect(changes.delete(SALES)).rejects.toThrow(StoreUnavailableError);
      if (world.counted || world.quarantined > 0 || world.upstream) expect(world.registered).toBe(true);
      await changes.delete(SALES);
      expect(world).toMatchObject({
        registered: false,
        counted: false,
        quarantined: 0,
        upstream: false,
        timesErased: 1,
      });
    }
  });
});

describe("an instance that another process has deleted meanwhile", () => {
  const { changes } = storeFailingAt(Infinity);
  const notFound = { code: "not_found", message: "Instance not found: sales" };

  it("is not found by a rename or a request for a token", async () => {
    await expect(changes.change(SALES, { name: "x" })).rejects.toMatchObject(notFound);
    await expect(changes.giveToken(SALES)).rejects.toMatchObject(notFound);
  });
});

describe("an id", () => {
  it("of an unknown gateway is refused", async () => {
    const { changes } = storeFailingAt(Infinity);
    await expect(changes.create({ idInstance: "meat:1" })).rejects.toMatchObject({ code: "bad_request" });
  });
});

describe("an upstream", () => {
  it("of a gateway without a readable API is refused before anything is changed", async () => {
    const { world, changes } = storeFailingAt(Infinity);
    const upstream = {
      apiUrl: "https://graph.facebook.com",
      apiTokenInstance: "x",
      reconcileEveryMinutes: 0,
      pull: false,
    };
    const change = changes.change({ id: "meta:1", name: "meta:1" }, { settings: { upstream } });
    await expect(change).rejects.toMatchObject({ code: "bad_request" });
    expect(world.steps).toBe(0);
  });

  it.each(["http://127.0.0.1:6379", "http://0x7f.1", "http://[::1]", "http://169.254.169.254", "http://10.0.0.1"])(
    "at %s is refused before anything is changed",
    async (apiUrl) => {
      const { world, changes } = storeFailingAt(Infinity);
      const upstream = { apiUrl, apiTokenInstance: "t", pull: false, reconcileEveryMinutes: 0 };
      const refused = { code: "bad_request", message: expect.stringContaining("`settings.upstream.apiUrl`") as string };
      await expect(changes.create({ idInstance: "2", settings: { upstream } })).rejects.toMatchObject(refused);
      await expect(changes.change(SALES, { name: "x", settings: { upstream } })).rejects.toMatchObject(refused);
      expect(world.steps).toBe(0);
    },
  );
});
