import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findPrometheusTools } from "./prometheus-tools.mjs";

/** Create a folder with programs of these names. */
function folderWith(...names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "ticktally-tools-"));
  for (const name of names) {
    writeFileSync(join(folder, name), "#!/bin/sh\n");
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

describe("findPrometheusTools", () => {
  it("uses the programs on the PATH, with either name of Alertmanager", async () => {
    const debian = folderWith("promtool", "amtool", "prometheus", "prometheus-alertmanager");
    const other = folderWith("promtool", "amtool", "prometheus", "alertmanager");
    const options = { dataDir: folderWith(), toolPath: "" };
    expect(await findPrometheusTools({ ...options, searchPath: debian })).toMatchObject({
      alertmanager: join(debian, "prometheus-alertmanager"),
    });
    expect(await findPrometheusTools({ ...options, searchPath: other })).toEqual({
      promtool: join(other, "promtool"),
      amtool: join(other, "amtool"),
      prometheus: join(other, "prometheus"),
      alertmanager: join(other, "alertmanager"),
    });
  });

  it("says what is missing and how to install it if it cannot be downloaded", async () => {
    const options = { dataDir: folderWith(), toolPath: "", searchPath: folderWith("promtool", "amtool") };
    expect(await findPrometheusTools(options)).toMatch(/are needed and not all on the PATH .*; install prometheus/);
  });
});
