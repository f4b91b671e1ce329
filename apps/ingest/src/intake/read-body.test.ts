import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { BodyRoom, readBody, type Body } from "./read-body.ts";

const MIB = 1024 * 1024;
const turn = async () => new Promise((resolve) => setImmediate(resolve));

/** A body that is sent to a process with a limit for all bodies. */
function sender(room: BodyRoom, headers: Readonly<Record<string, string>> = {}) {
  const req = Object.assign(new IncomingMessage(new Socket()), { headers });
  const bodies: Body[] = [];
  readBody(req, { bytesMax: 5 * MIB, room }, (body) => bodies.push(body));
  const send = async (bytes: number, piece = bytes) => {
    for (let sent = 0; sent < bytes; sent += piece) req.push(Buffer.alloc(piece, "x"));
    await turn();
  };
  const end = async () => {
    req.push(null);
    await turn();
  };
  const breakOff = async () => {
    req.destroy(new Error("aborted"));
    await turn();
  };
  return { bodies, send, end, breakOff };
}

describe("readBody", () => {
  it("reads a body in several chunks", async () => {
    const { bodies, send, end } = sender(new BodyRoom(64 * MIB));
    await send(3);
    await send(2);
    await end();
    expect(bodies).toEqual([{ kind: "read", bytes: Buffer.from("xxxxx") }]);
  });

  it("refuses a large body as early as possible", async () => {
    expect(sender(new BodyRoom(64 * MIB), { "content-length": String(6 * MIB) }).bodies).toEqual([
      { kind: "tooLarge" },
    ]);
    const { bodies, send } = sender(new BodyRoom(64 * MIB));
    await send(6 * MIB, MIB);
    expect(bodies).toEqual([{ kind: "tooLarge" }]);
  });

  it("refuses large bodies beyond its limit, and still accepts small webhooks", async () => {
    const room = new BodyRoom(8 * MIB);
    const large = [sender(room), sender(room)];
    for (const { send } of large) await send(3 * MIB, MIB);
    expect(large.map(({ bodies }) => bodies)).toEqual([[], [{ kind: "overloaded" }]]);
    const usual = sender(room);
    await usual.send(1000);
    await usual.end();
    expect(usual.bodies).toMatchObject([{ kind: "read" }]);
  });

  it("counts the memory of a body that arrives byte by byte", async () => {
    const { bodies, send } = sender(new BodyRoom(MIB));
    await send(10_000, 1);
    expect(bodies).toEqual([{ kind: "overloaded" }]);
  });

  it("releases the memory of bodies that were read, too large, refused or aborted", async () => {
    const room = new BodyRoom(8 * MIB);
    for (const outcome of ["read", "tooLarge", "broken", "overloaded"] as const) {
      const one = sender(room);
      await one.send(outcome === "tooLarge" ? 6 * MIB : 3 * MIB, MIB / 2);
      const other = sender(room);
      if (outcome === "overloaded") await other.send(3 * MIB, MIB);
      await (outcome === "broken" ? one.breakOff() : one.end());
      expect((outcome === "overloaded" ? other : one).bodies).toMatchObject([
        { kind: outcome === "tooLarge" ? "overloaded" : outcome },
      ]);
      expect(room.hold(8 * MIB, 1)).toBe(true);
      room.free(8 * MIB);
    }
  });
});
