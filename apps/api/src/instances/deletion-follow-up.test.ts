import type { QuarantineEntry } from "@ticktally/schemas";
import { expect, it } from "vitest";
import { DeletionFollowUp } from "./deletion-follow-up.ts";

const DELETED_AT = 1_000_000_000;

function entry(receivedAtMs: number): QuarantineEntry {
  return { id: String(receivedAtMs), reason: "no_type", detail: "", instance: "1", receivedAtMs, text: "{}" };
}

/** One instance that was deleted, and what was left of it. */
function world() {
  const state = {
    now: DELETED_AT,
    registered: false,
    /** "" for nothing */
    data: "a",
    upstream: true,
    quarantined: [entry(DELETED_AT - 1), entry(DELETED_AT + 1)],
    /** Dropped from the lanes of targets: what was received before. */
    dropped: [] as { readonly instance: string; readonly beforeMs: number }[],
  };
  const followUp = new DeletionFollowUp({
    deleted: {
      since: async (sinceMs) => Promise.resolve(sinceMs > DELETED_AT ? [] : [{ id: "1", deletedAtMs: DELETED_AT }]),
    },
    registry: { registered: async (ids) => Promise.resolve(state.registered ? ids : []) },
    upstreams: {
      setUpstream: async () => {
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
  const lookAfter = async (seconds: number) => {
    state.now += seconds * 1000;
    await followUp.look();
  };
  return { state, lookAfter };
}

it("forgets what is left of a deleted instance once it was not touched for a while", async () => {
  const { state, lookAfter } = world();
  await lookAfter(1);
  expect(state).toMatchObject({ data: "a", upstream: false });
  expect(state.quarantined.map(({ receivedAtMs }) => receivedAtMs)).toEqual([DELETED_AT + 1]);
  await lookAfter(1);
  expect(state.data).toBe("a");
  state.data = "b";
  await lookAfter(60);
  expect(state.data).toBe("b");
  await lookAfter(60);
  expect(state.data).toBe("");
});

it("leaves one alone that is registered again, and one that was deleted long ago", async () => {
  for (const change of [{ registered: true }, { now: DELETED_AT + 3_700_000 }]) {
    const { state, lookAfter } = world();
    Object.assign(state, change);
    for (let i = 0; i < 3; i += 1) await lookAfter(60);
    expect(state).toMatchObject({ data: "a", upstream: true });
    expect(state.quarantined).toHaveLength(2);
  }
});

it("drops what targets were to be sent from before the deletion, also where the instance is registered again", async () => {
  const { state, lookAfter } = world();
  state.registered = true;
  await lookAfter(60);
  expect(state.dropped).toEqual([{ instance: "1", beforeMs: DELETED_AT }]);
});
