import { SLOT_SHARED, type TakeLabelCount } from "@ticktally/core";
import { ApiError } from "../http/api-error.ts";
import { SeriesCells, type CellPlaces } from "./cells.ts";
import type { LabelTargets } from "./targets.ts";
import type { Group } from "./top-groups.ts";

/** Of all labels together: some 40 MB. */
const CELLS_MAX = 5_000_000;

/** How many cells labels may still take. */
export class CellsLeft {
  #left = CELLS_MAX;

  /** @throws {ApiError} bad_request: there are none left */
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

/** The counts of each label, in groups, and of what has no label: all counts, less those of each labelled message. */
export class LabelCells {
  readonly #targets: LabelTargets;
  readonly #places: CellPlaces;
  readonly #left: CellsLeft;
  readonly #labels = new Map<string, SeriesCells>();
  readonly take: TakeLabelCount;

  /** @param all cells of all messages, labelled or not, which become those of messages without a label */
  constructor(targets: LabelTargets, all: SeriesCells, places: CellPlaces, left: CellsLeft) {
    this.#targets = targets;
    this.#places = places;
    this.#left = left;
    // Counts of one label come one after the other.
    let [last, cells]: [string | undefined, SeriesCells | undefined] = [undefined, undefined];
    this.take = (label, hour, slot, count) => {
      if (targets.label !== undefined && label !== targets.label) return;
      // Of a message with several labels each has its counts, and all but one say that it is counted already.
      if (slot >= SLOT_SHARED) {
        all.take(hour, slot - SLOT_SHARED, count);
        return;
      }
      if (cells === undefined || label !== last) [last, cells] = [label, this.#of(label)];
      all.take(hour, slot, -count);
      cells.take(hour, slot, count);
    };
  }

  /** Hand over each group, by label. They are not copied. */
  each(visit: (key: Group["key"], cells: Float64Array) => void): void {
    for (const [label, cells] of this.#labels)
      this.#targets.keys.forEach((key, place) => {
        visit({ label, ...key }, cells.group(place));
      });
  }

  /** They are not needed any more. */
  end(): void {
    this.#left.giveBack(this.#labels.size * this.#cellsOfOne);
  }

  #of(label: string): SeriesCells {
    const known = this.#labels.get(label);
    if (known !== undefined) return known;
    this.#left.take(this.#cellsOfOne);
    const cells = new SeriesCells(this.#places);
    this.#labels.set(label, cells);
    return cells;
  }

  get #cellsOfOne(): number {
    return this.#places.groups * this.#places.points;
  }
}
