import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, Visitor } from "rolldown/utils";
import { describe, expect, it } from "vitest";
import { Pseudonyms } from "../packages/gateways/src/index.ts";
import { instanceChange, messageListQuery, seriesQuery } from "../packages/schemas/src/index.ts";
import { growth } from "./support/growth.ts";

/** For eight times the length, a linear expression takes eight times as long, and a quadratic one 64 times. */
const LINEAR = { factor: 8, growthMax: 23 } as const;
const SHORT = 2_000;

describe("the CPU time for external texts", () => {
  it("grows linearly with the length, for every regular expression in the sources", () => {
    const expressions = sources().flatMap(expressionsIn);
    expect(expressions.length).toBeGreaterThan(80);
    const slow = expressions.flatMap(({ file, expression }) => {
      const attack = attacksOn(expression).find((text) => growthOf(expression, text) > LINEAR.growthMax);
      return attack === undefined
        ? []
        : [`${file}: ${String(expression)} at ${JSON.stringify(attack)} again and again`];
    });
    expect(slow).toEqual([]);
  });

  // The sources had these expressions: the first took 9 s for 100 kB, the second 0.3 s for 14,000 letters.
  it.each([
    String.raw`/\+?\d[\d-]{4,}(?::\d+)?@[A-Za-z.]+|\+?\d(?:[\s().-]{0,2}\d){6,}/g`,
    String.raw`/^(.+T.+) (\d\d:?(?:\d\d)?)$/`,
    String.raw`/\/+$/`,
  ])("is measured correctly: a quadratic expression is detected, %s", (literal) => {
    const expression = expressionOf(literal);
    expect(attacksOn(expression).some((text) => growthOf(expression, text) > LINEAR.growthMax)).toBe(true);
  });

  it.each([
    [
      "a webhook with pseudonyms",
      (text: string) => new Pseudonyms("k".repeat(32)).masked({ a: text, [text]: 1 }),
      "1---",
    ],
    ["a period", (text: string) => seriesQuery.safeParse({ from: text, to: text, tz: text }), "T "],
    ["a list of messages", (text: string) => messageListQuery.safeParse({ status: text, olderThan: text }), "1"],
    ["an upstream", upstreamOf, "/"],
    ["a name", (text: string) => instanceChange.safeParse({ name: text }), "."],
  ])("grows linearly with the length of %s", (_, read, repeated) => {
    expect(growth((chars) => () => void read(textOf(repeated, chars)), 4 * SHORT, LINEAR.factor)).toBeLessThanOrEqual(
      LINEAR.growthMax,
    );
  });
});

const ROOT = join(import.meta.dirname, "..");

/** The paths of all sources in the folders of apps and packages. */
function sources(): readonly string[] {
  const folders = ["apps", "packages"].flatMap((kind) => readdirSync(join(ROOT, kind)).map((name) => join(kind, name)));
  return folders
    .flatMap((folder) => [join(folder, "src"), join(folder, "docs-page")])
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
        .filter((path) => /^[\w/-]+\.(?:ts|js)$/.test(path.replaceAll("\\", "/")))
        .map((path) => join(folder, path)),
    );
}

function expressionsIn(path: string): readonly { readonly file: string; readonly expression: RegExp }[] {
  const { program, errors } = parseSync(path, readFileSync(join(ROOT, path), "utf8"));
  expect(errors, path).toEqual([]);
  const found: { file: string; expression: RegExp }[] = [];
  const visitor = new Visitor({
    Literal: (node) => {
      if ("regex" in node) found.push({ file: path, expression: new RegExp(node.regex.pattern, node.regex.flags) });
    },
  });
  visitor.visit(program);
  return found;
}

/** @param literal as in the source, `/…/flags` */
function expressionOf(literal: string): RegExp {
  const end = literal.lastIndexOf("/");
  return new RegExp(literal.slice(1, end), literal.slice(end + 1));
}

/** Texts of one or two of the characters that an expression distinguishes, in several proportions. */
function attacksOn({ source }: RegExp): readonly string[] {
  const characters = [...new Set(`0aT ${source.replace(/\\[a-z]/g, "").replace(/[\\^$|?]/g, "")}`.split(""))];
  return characters.flatMap((a) => [
    a,
    ...characters.filter((b) => b !== a).flatMap((b) => [`${a}${b}`, `${a}${b}${b}${b}`]),
  ]);
}

/** The last character matches no expression. */
function textOf(repeated: string, chars: number): string {
  return `${repeated.repeat(Math.ceil(chars / repeated.length))}\u0001`;
}

function growthOf(expression: RegExp, repeated: string): number {
  const global = new RegExp(expression.source, expression.flags.replace("g", "") + "g");
  return growth(
    (chars) => {
      const text = textOf(repeated, chars);
      return () => void text.replace(global, "");
    },
    SHORT,
    LINEAR.factor,
  );
}

function upstreamOf(text: string): unknown {
  const apiUrl = `https://gateway.example${text}`;
  return instanceChange.safeParse({ settings: { upstream: { apiUrl, apiTokenInstance: text } } });
}
