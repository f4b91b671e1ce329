import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const DOCUMENTS = ["README.md", ...readdirSync(join(ROOT, "docs")).map((file) => `docs/${file}`)];

describe.each(DOCUMENTS.filter((file) => file.endsWith(".md")))("%s", (file) => {
  const text = textOf(file);

  it("names only files that there are", () => {
    const named = [...text.matchAll(/`((?:apps|bench|deploy|docs|packages|scripts|tests)\/[\w./-]*\w)`/g)];
    expect(named.map(([, path = ""]) => path).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it("links only to files and sections that there are", () => {
    const links = [...text.matchAll(/\]\((?!\w+:)([^)#]*)(?:#([^)]+))?\)/g)];
    const broken = links.filter(([, path = "", section]) => {
      const target = path === "" ? file : join(dirname(file), path);
      if (!existsSync(join(ROOT, target))) return true;
      return section !== undefined && !sectionsOf(textOf(target)).includes(section);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});

describe("docs/changing-the-rules.md", () => {
  it("says how much room each list of counters.ts has", () => {
    const rooms = [
      ...textOf("packages/core/src/counters.ts").matchAll(
        /^(?:export )?const ((?:ORIGINS|OUTCOMES|CHAT_KINDS|MESSAGE_TYPES|ACTIONS|LATENCY_STAGES|REASONS|SLOTS)_MAX) = (\d+);/gm,
      ),
      ...textOf("packages/core/src/message-status.ts").matchAll(/^export const (FAILURES_MAX) = (\d+);/gm),
    ];
    expect(rooms).toHaveLength(9);
    const text = textOf("docs/changing-the-rules.md");
    for (const [, name, room] of rooms) expect(text).toMatch(new RegExp(`\`${name}\`, ${room}\\b`));
  });
});

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** As GitHub names them in links. */
function sectionsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
