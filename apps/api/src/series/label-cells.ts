import { SLOT_SHARED, type TakeLabelCount } from "@ticktally/core";
import { ApiError } from "../http/api-error.ts";
import type { SeriesCells } from "./cells.ts";
import type { LabelTargets } from "./targets.ts";
import type { Group } from "./top-groups.ts";

/** Limit for all labels together: about 40 MB. */
const CELLS_MAX = 5_000_000;

/** How many cells are still available for labels. */
export class CellsLeft {
  #left = CELLS_MAX;

  /** @throws {ApiError} bad_request if none are left */
  take(cells: number): void {
    this.#left -= cells;
    if (this.#left < 0)
      throw new ApiError(
        "bad_request",
        "There are too many labels for so many points: filter by `label`, take a longer step or a shorter period.",
      );
  }

  giveBack(cells: number): void {
    this.#left += cells;
  }
}

/** The counts of each label as groups, and of messages without a label: all counts minus those of labelled messages. */
export class LabelCells {
  readonly #targets: LabelTargets;
  readonly #cellsOf: () => SeriesCells;
  readonly #cellsOfOne: number;
  readonly #left: CellsLeft;
  readonly #labels = new Map<string, SeriesCells>();
  readonly take: TakeLabelCount;

  /** @param all cells of all messages, labelled or not; reduced to those of messages without a label */
  constructor(targets: LabelTargets, all: SeriesCells, cellsOf: () => SeriesCells, points: number, left: CellsLeft) {
    this.#targets = targets;
    this.#cellsOf = cellsOf;
    this.#cellsOfOne = targets.keys.length * points;
    this.#left = left;
    this.take = (label, hour, slot, count) => {
      if (targets.label !== undefined && label !== targets.label) return;
      const own = slot % SLOT_SHARED;
      // With several labels each label counts the message, and all but one mark it as already counted.
      all.take(hour, own, slot === own ? -count : count);
      if (slot === own) this.#of(label).take(hour, slot, count);
    };
  }

  /** Return each group by label, without copying. */
  each(visit: (key: Group["key"], cells: Float64Array) => void): void {
    for (const [label, cells] of this.#labels)
      this.#targets.keys.forEach((key, place) => {
        visit({ label, ...key }, cells.group(place));
      });
  }

  /** Release them. */
  end(): void {
    this.#left.giveBack(this.#labels.size * this.#cellsOfOne);
  }

  #of(label: string): SeriesCells {
    const known = this.#labels.get(label);
    if (known !== undefined) return known;
    this.#left.take(this.#cellsOfOne);
    const cells = this.#cellsOf();
    this.#labels.set(label, cells);
    return cells;
  }
}
