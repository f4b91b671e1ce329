import { expect, it } from "vitest";
import { createLogger } from "./logger.ts";
import { startTracing, UNTRACED } from "./tracing.ts";

const OFF = { OTEL_SDK_DISABLED: false, OTEL_TRACES_SAMPLER_ARG: 1 };

it.each([
  ["no address is given", OFF],
  ["it is switched off", { ...OFF, OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318", OTEL_SDK_DISABLED: true }],
])("nothing is traced while %s", async (_, env) => {
  expect(await startTracing("test", env, createLogger("test", "silent"))).toBe(UNTRACED);
});
