import type { InstanceRegistry, RegisteredInstance } from "@ticktally/core";
import type { Request } from "express";
import type { Authoriser } from "../access/authorise.ts";
import { instanceNames } from "../http/instance-names.ts";

/** The name of all instances together; no instance can have it. */
const ALL = "all";

export interface AskedInstances {
  /** As echoed in the answer. */
  readonly echo: string;
  readonly isAll: boolean;
  /** By name; where several were named, in the order asked. */
  readonly instances: readonly RegisteredInstance[];
}

export interface AskedInstancesDeps {
  readonly authoriser: Pick<Authoriser, "caller" | "instances">;
  readonly registry: Pick<InstanceRegistry, "slices">;
}

/**
 * The instances of a path's `:instances`: one name, a comma list, or `all` that the token may read.
 * @throws {ApiError} unauthorized, bad_request, forbidden, not_found
 */
export async function askedInstances(
  req: Request,
  { authoriser, registry }: AskedInstancesDeps,
): Promise<AskedInstances> {
  const caller = await authoriser.caller(req);
  const names = instanceNames(req.params["instances"]);
  const isAll = names.length === 1 && names[0] === ALL;
  if (!isAll) return { echo: names.join(","), isAll, instances: await authoriser.instances(caller, names) };
  if (caller.kind === "instance")
    return { echo: ALL, isAll, instances: await authoriser.instances(caller, [caller.instance]) };
  const byId = new Map<string, RegisteredInstance>();
  for await (const slice of registry.slices()) for (const instance of slice) byId.set(instance.id, instance);
  const byName = new Map([...byId.values()].map((instance) => [instance.name, instance]));
  // Sorting only names is many times faster than sorting the objects.
  const instances = [...byName.keys()].sort().flatMap((name) => byName.get(name) ?? []);
  return { echo: ALL, isAll, instances };
}
