/**
 * One part of the benchmark: some work, who did it how fast, and how it was run.
 *
 * @typedef {{ key: string, label: string, digits: number, withRatio?: boolean }} Column
 * `baseline`: whom ratios compare to, if not the one that the benchmark as a whole compares to.
 * @typedef {{ name: string, title: string, how: string, baseline?: string, columns: readonly Column[], rows: readonly import("./rounds.mjs").Row[] }} Table
 *
 * @typedef {object} Settings
 * @property {boolean} isShort
 * @property {number} rounds
 * @property {number} seconds a contender is measured for, end to end; before, as long unmeasured
 * @property {import("./stores.mjs").Durability} durability
 * @property {readonly import("./contenders.mjs").Contender[]} contenders those of the whole way
 * @property {(line: string) => void} print
 *
 * @typedef {object} Section
 * @property {string} name
 * @property {string} title
 * @property {(settings: Settings) => Promise<readonly Table[]>} run
 */

export {};
