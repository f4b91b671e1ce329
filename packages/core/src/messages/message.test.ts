import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatKindOf } from "./message-event.ts";
import { failureCode, failureText, preferredFailure, type FailureDetail } from "./failure-order.ts";
import { FAILURE_REASONS } from "./failure-reason.ts";
import { messageOf } from "./message.ts";
import type { FailureEvent, MessageEvent, ProgressEvent } from "./message-event.ts";
import { PROGRESS, statusCode, statusOfCode } from "./message-status.ts";
import { newStanding, standingOf } from "./standing.ts";
import { messageHistory, shuffledWithRepeats } from "../testing/histories.ts";
import { recordOfEvents } from "../testing/record-of-events.ts";

/** The rules of a message's standing as a function of the set of events. */
function expectedStanding(events: readonly MessageEvent[]) {
  const statuses = events.filter((event) => event.kind === "status");
  const recipientOf = (event: MessageEvent) => (chatKindOf(event) === "individual" ? event.chatId : undefined);
  const named = [...new Set(statuses.flatMap((event) => recipientOf(event) ?? []))];
  const isPair =
    named.length === 2 && named.some((id) => id.endsWith("@c.us")) && named.some((id) => id.endsWith("@lid"));
  const persons = isPair ? [named] : named.map((id) => [id]);
  const withoutRecipient = statuses.filter((event) => recipientOf(event) === undefined);
  const groups = persons.map((ids) => statuses.filter((event) => ids.includes(recipientOf(event) ?? "")));

  const earliest = (some: readonly MessageEvent[]) => Math.min(...some.map(({ at }) => at));
  const proofs = (some: readonly (ProgressEvent | FailureEvent)[]) =>
    some.filter(({ status }) => status === "delivered" || status === "read" || status === "played");
  const failuresOf = (some: readonly (ProgressEvent | FailureEvent)[]) => some.filter((event) => "reason" in event);
  const counting = groups.flatMap((own) => {
    const hasFailed = earliest(failuresOf(own)) <= earliest(proofs(own)) && failuresOf(own).length > 0;
    return hasFailed ? own.filter((event) => !proofs([event]).length) : own;
  });
  const ranks = [...withoutRecipient, ...counting];
  const proof = earliest(proofs(ranks));

  const standing = [
    ...failuresOf(withoutRecipient).filter(({ at }) => at <= proof),
    ...(proof === Infinity ? failuresOf(groups.flat()) : []),
  ];
  const failedAt = earliest(standing);
  const first = standing.filter(({ at }) => at === failedAt).map(detailOf);
  const failure = first.length === 0 ? undefined : first.reduce(preferredFailure);

  const reportedAt = PROGRESS.map((rank) => earliest(ranks.filter(({ status }) => status === rank)));
  const reachedAt = PROGRESS.map((rank, i) => {
    if (rank === "pending" || rank === "yellowCard") return Infinity;
    if (failure !== undefined) return rank === "sent" ? (reportedAt[i] ?? Infinity) : Infinity;
    const own = reportedAt[i] ?? Infinity;
    return own < Infinity ? own : Math.min(...reportedAt.slice(i + 1));
  });
  const highest = Math.max(0, ...reportedAt.map((at, rank) => (at < Infinity ? rank : 0)));
  return {
    status: failure?.status ?? highest,
    reachedAt,
    failure,
    failureAt: failure === undefined ? undefined : failedAt,
    isContradicted:
      groups.some((own) => failuresOf(own).length > 0 && proofs(own).length > 0) ||
      (failuresOf(withoutRecipient).length > 0 && proofs(statuses).length > 0),
  };
}

function detailOf({ status, reason, description, code }: FailureEvent): FailureDetail {
  return {
    status: statusCode(status),
    reason: FAILURE_REASONS.indexOf(reason),
    text: failureText(description),
    code: failureCode(code),
  };
}

describe("any message", () => {
  const ofOne = messageHistory
    .map((events) => {
      const [first] = events;
      return events.filter(
        (event) => event.idMessage === first?.idMessage && (event.kind === "status" || event.direction === "outgoing"),
      );
    })
    .filter((events) => events.length > 0);

  it("has the standing of the rules, in any order of its events and with any repeats", () => {
    fc.assert(
      fc.property(
        ofOne.chain((events) => fc.tuple(fc.constant(events), shuffledWithRepeats(events))),
        ([events, other]) => {
          const expected = expectedStanding(events);
          for (const order of [events, other]) {
            const { status, reachedAt, failure, failureAt, isContradicted } = standingOf(
              recordOfEvents(order),
              newStanding(),
            );
            const found = { status, reachedAt, failure, failureAt: failure && failureAt, isContradicted };
            expect(found).toEqual(expected);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("shows the failure that counts, or else the earliest reported one", () => {
    fc.assert(
      fc.property(ofOne, (events) => {
        const { failure, hasFailed, status } = messageOf(recordOfEvents(events));
        const expected = expectedStanding(events);
        const failures = events.filter((event) => "reason" in event);
        const firstAt = Math.min(...failures.map(({ at }) => at));
        const earliest = failures.filter(({ at }) => at === firstAt).map(detailOf);
        const shown = expected.failure ?? (earliest.length === 0 ? undefined : earliest.reduce(preferredFailure));
        expect(hasFailed).toBe(expected.failure !== undefined);
        expect(failure?.status).toBe(shown && statusOfCode(shown.status));
        expect(failure?.reason).toBe(shown && FAILURE_REASONS[shown.reason]);
        expect(failure?.description ?? "").toBe(shown?.text ?? "");
        if (hasFailed) expect(failure?.status).toBe(status);
      }),
      { numRuns: 1000 },
    );
  });
});
