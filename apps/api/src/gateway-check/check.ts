import type { OverviewReader, RegisteredInstance, UpstreamStore } from "@ticktally/core";
import { gatewayOf, type SettingChange } from "@ticktally/gateways";
import { GatewayError } from "@ticktally/outbound";
import {
  repairRequest,
  type checkAnswer,
  type Finding,
  type GatewaySettingChange,
  type repairAnswer,
} from "@ticktally/schemas";
import type { Logger } from "@ticktally/telemetry";
import { Router } from "express";
import type { z } from "zod";
import { ApiError } from "../http/api-error.ts";
import type { Authoriser } from "../access/authorise.ts";
import type { Asked, GatewayChecker } from "./gateway-checker.ts";
import { ownFindings } from "./own-findings.ts";
import { bodyOf } from "../http/request-input.ts";

export interface CheckDeps {
  readonly checker: Pick<GatewayChecker, "look" | "compare" | "change">;
  readonly upstreams: Pick<UpstreamStore, "upstream">;
  readonly overviews: OverviewReader;
  readonly authoriser: Authoriser;
  readonly logger: Logger;
  /** Unix ms */
  readonly now: () => number;
}

/**
 * Compare an instance's settings at its gateway with the required ones, and correct them. 400 invalid request, 403 not the account, 404
 * unknown, 409 the gateway cannot be called or refuses, 503 it does not answer.
 */
export function checkRoutes({ checker, upstreams, overviews, authoriser, logger, now }: CheckDeps): Router {
  const router = Router();

  router.get("/instances/:name/check", async (req, res) => {
    const caller = await authoriser.caller(req);
    const instance = await authoriser.instance(caller, req.params.name);
    const asked = await askedAbout(instance);
    const look = typeof asked === "string" ? undefined : await checker.look(asked);
    const [overview] = await overviews.overviews([instance.id]);
    const here =
      overview === undefined ? [] : ownFindings({ overview, waiting: look?.waiting, now: Math.floor(now() / 1000) });
    const there = typeof asked === "string" ? [notAsked(asked, instance)] : (look?.findings ?? []);
    const found = there.map(({ repair, ...finding }) =>
      repair === undefined ? finding : { ...finding, repair: shown(repair, hostOnly) },
    );
    const all = [...found, ...here].map((finding) => (caller.kind === "instance" ? withoutCause(finding) : finding));
    const findings = all.toSorted((a, b) => SEVERITY[a.severity] - SEVERITY[b.severity]);
    const ok = findings.every(({ severity }) => severity === "info");
    const answer: z.infer<typeof checkAnswer> = { success: true, check: { ok, findings } };
    res.json(answer);
  });

  router.post("/instances/:name/check/repair", async (req, res) => {
    await authoriser.account(req);
    const instance = await authoriser.instance({ kind: "account" }, req.params.name);
    const { apply, replaceUrl } = await bodyOf(req, res, repairRequest);
    const asked = await askedAbout(instance);
    if (typeof asked === "string") throw new ApiError("conflict", notAsked(asked, instance).message);
    const repairs = (await orRefusal(checker.compare(asked))).flatMap(({ repair }) => repair ?? []);
    const changes = repairs.filter(({ replacesReceiver }) => replaceUrl || replacesReceiver !== true);
    const isApplied = apply && changes.length > 0;
    if (isApplied) {
      await orRefusal(checker.change(asked, Object.fromEntries(changes.map(({ key, to }) => [key, to]))));
      logger.info(
        { instance: instance.id, settings: changes.map(({ key }) => key) },
        "settings at the gateway changed",
      );
    }
    const receiver = repairs.find(({ replacesReceiver, isSecret }) => replacesReceiver === true && isSecret !== true);
    const answer: z.infer<typeof repairAnswer> = {
      success: true,
      message: messageOf({ changes, isApplied, isLeft: receiver !== undefined && !replaceUrl }, asked),
      changes: changes.map((change) => shown(change, (text) => text)),
      restarts: changes.length > 0,
      target: receiver?.from == null ? null : { mode: "relay", url: receiver.from },
    };
    res.json(answer);
  });

  async function askedAbout({ id }: RegisteredInstance): Promise<Asked | "no API" | "no upstream"> {
    const gateway = gatewayOf(id);
    const api = gateway?.upstream;
    if (gateway === undefined || api === undefined) return "no API";
    const upstream = await upstreams.upstream(id);
    return upstream === undefined ? "no upstream" : { id, gateway, api, upstream };
  }

  return router;
}

const SEVERITY: Readonly<Record<Finding["severity"], number>> = { error: 0, warning: 1, info: 2 };

function notAsked(why: "no API" | "no upstream", { name }: RegisteredInstance): Finding {
  if (why === "no API") {
    const message =
      "Ticktally cannot read the settings of this gateway: compare them with the gateway's page in the documentation.";
    return { code: "gateway_not_asked", severity: "info", message };
  }
  const how = `PATCH /instances/${name} with {"settings": {"upstream": {"apiUrl", "apiTokenInstance"}}}`;
  const message = `The gateway cannot be asked, because ${name} has no upstream: ${how}.`;
  return { code: "upstream_missing", severity: "warning", message };
}

/**
 * The result for an instance's token. The difference between a refused connection, silence, and an unexpected answer would reveal what
 * listens at an address that only this system can reach.
 */
function withoutCause(finding: Finding): Finding {
  if (!finding.code.startsWith("gateway_") || finding.code === "gateway_not_asked") return finding;
  const message = "The gateway gave no usable answer; the account's token shows why.";
  return { code: "gateway_unavailable", severity: "warning", message };
}

function shown({ key, from, to, isSecret }: SettingChange, show: (text: string) => string): GatewaySettingChange {
  if (isSecret === true) return { key, from: from === null ? null : "***", to: "***" };
  return { key, from: from === null ? null : show(from), to };
}

/** The path of another receiver's address may be a secret. */
function hostOnly(text: string): string {
  return URL.canParse(text) ? new URL(text).origin : text;
}

function messageOf(
  repair: { readonly changes: readonly SettingChange[]; readonly isApplied: boolean; readonly isLeft: boolean },
  { api }: Asked,
): string {
  const { changes, isApplied, isLeft } = repair;
  const left = isLeft
    ? ' The address of another receiver is kept: {"replaceUrl": true} replaces it. To keep that receiver, make it a target first: POST /targets.'
    : "";
  if (changes.length === 0) return `Nothing needs to change.${left}`;
  const done = isApplied ? "Settings changed." : 'Nothing is changed yet: {"apply": true} makes these changes.';
  return `${done} ${api.setup.whenChanged}${left}`;
}

/** @throws {ApiError} conflict if the gateway refuses; unavailable if it does not answer */
async function orRefusal<Result>(asking: Promise<Result>): Promise<Result> {
  try {
    return await asking;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const isRefusal = error.fault === "refused" || error.fault === "failed";
    throw new ApiError(isRefusal ? "conflict" : "unavailable", `The gateway cannot be asked: ${error.message}.`);
  }
}
