import type { QuarantineEntry } from "@ticktally/schemas";
import { expect, it } from "vitest";
import { DeletionFollowUp } from "./deletion-follow-up.ts";

const DELETED_AT = 1_000_000_000;

function entry(receivedAtMs: number): QuarantineEntry {
  return { id: String(receivedAtMs), reason: "no_type", detail: "", instance: "1", receivedAtMs, text: "{}" };
}

/** A deleted instance with remaining data. */
function world() {
  const state = {
    now: DELETED_AT,
    registered: false,
    /** "": no data */
    data: "a",
    upstream: true,
    quarantined: [entry(DELETED_AT - 1), entry(DELETED_AT + 1)],
    /** Webhooks received before this time were dropped from the lanes of targets. */
    dropped: [] as { readonly instance: string; readonly beforeMs: number }[],
  };
  const followUp = new DeletionFollowUp({
    deleted: {
      since: async (sinceMs) => Promise.resolve(sinceMs > DELETED_AT ? [] : [{ id: "1", deletedAtMs: DELETED_AT }]),
    },
    registry: { registered: async (ids) => Promise.resolve(state.registered ? ids : []) },
    upstreams: {
      forgetUnregistered: async () => {
        state.upstream = false;
        return Promise.resolve();
      },
    },
    quarantine: {
      ids: async () => Promise.resolve(state.quarantined.map(({ id }) => id)),
      entries: async (ids) => Promise.resolve(state.quarantined.filter(({ id }) => ids.includes(id))),
      remove: async (ids) => {
        state.quarantined = state.quarantined.filter(({ id }) => !ids.includes(id));
        return Promise.resolve(ids.length);
      },
    },
    eraser: {
      forgetUnchanged: async (_, mark) => {
        if (mark === state.data) state.data = "";
        return Promise.resolve(state.data);
      },
    },
    forwarded: {
      drop: async (some) => {
        state.dropped.push(...some);
        return Promise.resolve();
      },
    },
    now: () => state.now,
  });
  const runAfter = async (seconds: number) => {
    state.now += seconds * 1000;
    await followUp.look();
  };
  return { state, runAfter };
}

it("deletes remaining data of a deleted instance once it has not changed for a while", async () => {
  const { state, runAfter } = world();
  await runAfter(1);
  expect(state).toMatchObject({ data: "a", upstream: false });
  expect(state.quarantined.map(({ receivedAtMs }) => receivedAtMs)).toEqual([DELETED_AT + 1]);
  await runAfter(1);
  expect(state.data).toBe("a");
  state.data = "b";
  await runAfter(60);
  expect(state.data).toBe("b");
  await runAfter(60);
  expect(state.data).toBe("");
});

it("ignores an instance that is registered again, and one that was deleted long ago", async () => {
  for (const change of [{ registered: true }, { now: DELETED_AT + 3_700_000 }]) {
    const { state, runAfter } = world();
    Object.assign(state, change);
    for (let i = 0; i < 3; i += 1) await runAfter(60);
    expect(state).toMatchObject({ data: "a", upstream: true });
    expect(state.quarantined).toHaveLength(2);
  }
});

it("drops webhooks for targets from before the deletion, even if the instance is registered again", async () => {
  const { state, runAfter } = world();
  state.registered = true;
  await runAfter(60);
  expect(state.dropped).toEqual([{ instance: "1", beforeMs: DELETED_AT }]);
});
