import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { InputData, JSONSchemaInput, PythonTargetLanguage, quicktype } from "quicktype-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshInstance, observation, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, type System } from "./system.ts";

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const instance = freshInstance();
const ANSWERS = ["MetricsAnswer", "GroupedSeriesAnswer"];

/** Times stay strings: to parse them, the generated code would need a library that not every Python has. */
class Python extends PythonTargetLanguage {
  override get stringTypeMapping() {
    return new Map();
  }
}

/** @param openApi the document as the api serves it */
async function pythonTypes(openApi: string): Promise<string> {
  const schema = new JSONSchemaInput(undefined);
  for (const name of ANSWERS) await schema.addSource({ name, schema: openApi, uris: [`#/components/schemas/${name}`] });
  const inputData = new InputData();
  inputData.addInput(schema);
  const { lines } = await quicktype({ inputData, lang: new Python() });
  return lines.join("\n");
}

/** Reads metrics with the generated types. */
const PROGRAM = `
import json, sys, urllib.request
from ticktally import metrics_answer_from_dict, grouped_series_answer_from_dict

origin, instance, token = sys.argv[1:]

def get(path):
    with urllib.request.urlopen(urllib.request.Request(origin + path, headers={"token": token})) as answer:
        return json.load(answer)

metrics = metrics_answer_from_dict(get("/metrics/" + instance)).metrics
print(metrics.total_messages, metrics.messages_by_status.delivered, metrics.messages_by_status.no_account)
series = grouped_series_answer_from_dict(get("/metrics/all/series?step=total&groupBy=instance,origin")).series
print([(group.key.instance, group.key.origin.value, group.totals.delivered) for group in series.groups])
try:
    metrics.messages_by_status.typo
except AttributeError as error:
    print(error)
`;

describe.runIf(hasPython)("Python code generated from the OpenAPI document (skipped without python3)", () => {
  let system: System;
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "ticktally-python-"));
    system = await sharedSystem();
    await system.acceptInOrder(observation("api", instance, "M1"), statusOf(instance, "M1", "delivered"));
  });
  afterAll(async () => rm(dir, { recursive: true }));

  it("reads metrics and series, and has a name for each status", async () => {
    await writeFile(join(dir, "ticktally.py"), await pythonTypes((await system.get("/openapi.json")).text));
    await writeFile(join(dir, "read.py"), PROGRAM);
    const args = [join(dir, "read.py"), system.apiOrigin, instance, ACCOUNT_TOKEN];
    const { stdout } = await promisify(execFile)("python3", args);
    expect(stdout.split("\n")).toEqual([
      "1 1 0",
      `[('${instance}', 'api', 1)]`,
      expect.stringMatching(/has no attribute 'typo'/),
      "",
    ]);
  });
});
