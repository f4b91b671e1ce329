import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { BodyRoom, readBody, type Body } from "./read-body.ts";

const MIB = 1024 * 1024;
const turn = async () => new Promise((resolve) => setImmediate(resolve));

/** A body that is being sent to a process that has so much room. */
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
  it("reads what comes in pieces", async () => {
    const { bodies, send, end } = sender(new BodyRoom(64 * MIB));
    await send(3);
    await send(2);
    await end();
    expect(bodies).toEqual([{ kind: "read", bytes: Buffer.from("xxxxx") }]);
  });

  it("refuses what is too large, as soon as that is known", async () => {
    expect(sender(new BodyRoom(64 * MIB), { "content-length": String(6 * MIB) }).bodies).toEqual([
      { kind: "tooLarge" },
    ]);
    const { bodies, send } = sender(new BodyRoom(64 * MIB));
    await send(6 * MIB, MIB);
    expect(bodies).toEqual([{ kind: "tooLarge" }]);
  });

  it("refuses large bodies beyond its room, and has room for the usual webhook all the same", async () => {
    const room = new BodyRoom(8 * MIB);
    const large = [sender(room), sender(room)];
    for (const { send } of large) await send(3 * MIB, MIB);
    expect(large.map(({ bodies }) => bodies)).toEqual([[], [{ kind: "overloaded" }]]);
    const usual = sender(room);
    await usual.send(1000);
    await usual.end();
    expect(usual.bodies).toMatchObject([{ kind: "read" }]);
  });

  it("counts what a body costs that comes a byte at a time", async () => {
    const { bodies, send } = sender(new BodyRoom(MIB));
    await send(10_000, 1);
    expect(bodies).toEqual([{ kind: "overloaded" }]);
  });

  it("has all its room again after bodies that were read, too large, refused or broken off", async () => {
    const room = new BodyRoom(8 * MIB);
    for (const fate of ["read", "tooLarge", "broken", "overloaded"] as const) {
      const one = sender(room);
      await one.send(fate === "tooLarge" ? 6 * MIB : 3 * MIB, MIB / 2);
      const other = sender(room);
      if (fate === "overloaded") await other.send(3 * MIB, MIB);
      await (fate === "broken" ? one.breakOff() : one.end());
      expect((fate === "overloaded" ? other : one).bodies).toMatchObject([
        { kind: fate === "tooLarge" ? "overloaded" : fate },
      ]);
      expect(room.hold(8 * MIB, 1)).toBe(true);
      room.free(8 * MIB);
    }
  });
});
