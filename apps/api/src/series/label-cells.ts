import { SLOT_SHARED, type TakeLabelCount } from "@ticktally/core";
import { ApiError } from "../http/api-error.ts";
import { SeriesCells, type CellPlaces } from "./cells.ts";
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
        "There are too many labels for so many points: filter by `label`, or ask for a longer step or a shorter period.",
      );
  }

  giveBack(cells: number): void {
    this.#left += cells;
  }
}

/** The counts of each label as groups, and of messages without a label: all counts minus those of labelled messages. */
export class LabelCells {
  readonly #targets: LabelTargets;
  readonly #places: CellPlaces;
  readonly #left: CellsLeft;
  readonly #labels = new Map<string, SeriesCells>();
  readonly take: TakeLabelCount;

  /** @param all cells of all messages, labelled or not; reduced to those of messages without a label */
  constructor(targets: LabelTargets, all: SeriesCells, places: CellPlaces, left: CellsLeft) {
    this.#targets = targets;
    this.#places = places;
    this.#left = left;
    // Counts of one label come one after the other.
    let [last, cells]: [string | undefined, SeriesCells | undefined] = [undefined, undefined];
    this.take = (label, hour, slot, count) => {
      if (targets.label !== undefined && label !== targets.label) return;
      // With several labels each label counts the message, and all but one mark it as already counted.
      if (slot >= SLOT_SHARED) {
        all.take(hour, slot - SLOT_SHARED, count);
        return;
      }
      if (cells === undefined || label !== last) [last, cells] = [label, this.#of(label)];
      all.take(hour, slot, -count);
      cells.take(hour, slot, count);
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
    const cells = new SeriesCells(this.#places);
    this.#labels.set(label, cells);
    return cells;
  }

  get #cellsOfOne(): number {
    return this.#places.groups * this.#places.points;
  }
}
