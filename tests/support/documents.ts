import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

export const DOCUMENTS_ROOT = join(import.meta.dirname, "..", "..");
/** Folders of generated files, and fixtures of older versions. */
const SKIPPED = new Set(["node_modules", "dist", ".git", ".ticktally", ".turbo", ".cache", "coverage", "fixtures"]);

/** Every Markdown page of the repository: its path from the root, with slashes. */
export const DOCUMENTS: readonly string[] = pagesIn("");

export function textOf(file: string): string {
  return readFileSync(join(DOCUMENTS_ROOT, file), "utf8");
}

/** The table rows of a page whose first cell contains code: the names in that cell, all cells, and the line itself. */
export function tableRows(text: string) {
  const lines = text.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| -"));
  const rows = lines.map((line) => {
    const cells = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    const names = [...(cells[0] ?? "").matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word);
    return { names, cells, line };
  });
  return rows.filter(({ names }) => names.length > 0);
}

function pagesIn(folder: string): readonly string[] {
  return readdirSync(join(DOCUMENTS_ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : pagesIn(path);
    return entry.name.endsWith(".md") ? [path.split(sep).join("/")] : [];
  });
}
