import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { DOCUMENTS, DOCUMENTS_ROOT, textOf } from "./support/documents.ts";

describe("the pages", () => {
  it("are found, including those in folders", () => {
    expect(DOCUMENTS).toEqual(expect.arrayContaining(["README.md", "docs/rest.md", "docs/gateways/green-api.md"]));
  });

  it("start with a short README", () => {
    expect(textOf("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });
});

describe.each(DOCUMENTS)("%s", (file) => {
  const text = textOf(file);

  it("names only existing files", () => {
    const named = [...text.matchAll(/`((?:apps|bench|deploy|docs|packages|scripts|tests)\/[\w./-]*\w)`/g)];
    expect(named.map(([, path = ""]) => path).filter((path) => !existsSync(join(DOCUMENTS_ROOT, path)))).toEqual([]);
  });

  it("links only to existing files and sections", () => {
    const links = [...text.matchAll(/\]\((?!\w+:)([^)#]*)(?:#([^)]+))?\)/g)];
    const broken = links.filter(([, path = "", section]) => {
      const target = path === "" ? file : join(dirname(file), path);
      if (!existsSync(join(DOCUMENTS_ROOT, target))) return true;
      return section !== undefined && !sectionsOf(textOf(target)).includes(section);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});

describe("docs/decisions", () => {
  const pages = DOCUMENTS.filter((file) => /^docs\/decisions\/\d/.test(file)).sort();

  it("are numbered without gaps, and listed in that order", () => {
    expect(pages.map((file) => Number(/\/(\d{4})-/.exec(file)?.[1]))).toEqual(pages.map((_, index) => index + 1));
    const listed = [...textOf("docs/decisions/README.md").matchAll(/\]\((\d{4}-[\w-]+\.md)\)/g)];
    expect(listed.map(([, name = ""]) => `docs/decisions/${name}`)).toEqual(pages);
  });

  it.each(pages)("%s describes context, decision and consequences", (file) => {
    const headings = [...textOf(file).matchAll(/^#+ .+$/gm)].map(([heading]) => heading);
    expect(headings).toEqual([
      expect.stringMatching(new RegExp(`^# ${String(Number(/\/(\d{4})-/.exec(file)?.[1]))}\\. `)),
      "## Context",
      "## Decision",
      "## Consequences",
    ]);
  });
});

describe("docs/changing-the-rules.md", () => {
  it("says how many free slots each list of counters.ts has", () => {
    const rooms = [
      ...textOf("packages/core/src/counters/counters.ts").matchAll(
        /^(?:export )?const ((?:ORIGINS|OUTCOMES|CHAT_KINDS|MESSAGE_TYPES|ACTIONS|LATENCY_STAGES|REASONS|SLOTS)_MAX) = (\d+);/gm,
      ),
      ...textOf("packages/core/src/messages/message-status.ts").matchAll(/^export const (FAILURES_MAX) = (\d+);/gm),
    ];
    expect(rooms).toHaveLength(9);
    const text = textOf("docs/changing-the-rules.md");
    for (const [, name, room] of rooms) expect(text).toMatch(new RegExp(`\`${name}\`, ${room}\\b`));
  });
});

/** The anchors of a page's sections on GitHub. */
function sectionsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
