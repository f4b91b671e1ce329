import type { GroupKey } from "@ticktally/schemas";

export interface Group {
  readonly key: GroupKey;
  /** By bucket and column. */
  readonly cells: Float64Array;
  readonly size: number;
  readonly name: string;
}

/** Keeps the largest groups and sums the rest, so any number of groups needs little memory. Ties are decided by name. */
export class TopGroups {
  readonly #limit: number;
  #kept: Group[] = [];
  #other: Float64Array | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Add a group with all its counts; one of size 0 is left out.
   * @param cells are kept, so do not change them afterwards
   * @param size if it is not their sum
   */
  add(key: GroupKey, cells: Float64Array, size = sumOf(cells)): void {
    if (size <= 0) return;
    this.#kept.push({ key, cells, size, name: JSON.stringify(key) });
    // In bulk, because sorting for each group would take too long.
    if (this.#kept.length >= 2 * this.#limit) this.#shrink();
  }

  /** Largest first, then the sum of the rest. */
  groups(): readonly Group[] {
    this.#shrink();
    if (this.#other === undefined) return this.#kept;
    return [...this.#kept, { key: { other: true }, cells: this.#other, size: 0, name: "" }];
  }

  #shrink(): void {
    this.#kept.sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1));
    for (const { cells } of this.#kept.splice(this.#limit)) {
      this.#other ??= new Float64Array(cells.length);
      for (let i = 0; i < cells.length; i++) this.#other[i] = (this.#other[i] ?? 0) + (cells[i] ?? 0);
    }
  }
}

function sumOf(cells: Float64Array): number {
  return cells.reduce((sum, count) => sum + count, 0);
}
