import type { Cell } from "@ticktally/schemas/csv";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface Column<Row> {
  readonly name: string;
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** The content is self-explanatory; the title is for screen readers. */
  readonly isTitleHidden?: boolean;
  /** Numbers are right-aligned. */
  readonly isNumber?: boolean;
  /** The value to sort by; a column without it cannot be sorted. */
  readonly order?: (row: Row) => number | string;
  /** The value in a file; by default the value to sort by. */
  readonly csv?: (row: Row) => Cell;
}

interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly onOpen?: (row: Row) => void;
  readonly sort?: { readonly by: string; readonly isDescending: boolean };
  readonly onSort?: (by: string, isDescending: boolean) => void;
}

/** On a wide screen. On a phone rows are cards, as high as their content. */
const ROW_PX = 44;
/** Rows above and below the visible ones that are kept in the page. */
const SPARE_ROWS = 12;
/** Below this all rows are in the page: find-in-page and printing work. */
const VIRTUAL_FROM = 200;

/** A table whose rows can be opened, with arrow keys to move. Of many rows, only those near the visible ones are in the page. */
export function Table<Row>({ caption, columns, rows, keyOf, onOpen, sort, onSort }: TableProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const { first, last, rowPx } = useVisible(body, rows.length);
  const ordered = inOrder(rows, columns, sort);
  const shown = ordered.slice(first, last);
  return (
    <table class="table" aria-rowcount={rows.length}>
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th
              key={column.name}
              scope="col"
              class={column.isNumber === true ? "number" : ""}
              aria-sort={directionOf(column.name, sort)}
            >
              {column.isTitleHidden === true ? (
                <span class="visually-hidden">{column.title}</span>
              ) : column.order === undefined || onSort === undefined ? (
                column.title
              ) : (
                <button
                  type="button"
                  onClick={() => {
                    const isSame = sort?.by === column.name;
                    onSort(column.name, isSame ? !sort.isDescending : column.isNumber === true);
                  }}
                >
                  {column.title}
                  <span aria-hidden="true">{sort?.by === column.name ? (sort.isDescending ? " ↓" : " ↑") : ""}</span>
                </button>
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody ref={body} onKeyDown={walk}>
        {first === 0 ? null : <tr class="spacer" style={{ height: `${String(first * rowPx)}px` }} />}
        {shown.map((row) => (
          <tr
            key={keyOf(row)}
            data-row
            tabIndex={onOpen === undefined ? undefined : 0}
            class={onOpen === undefined ? "" : "opens"}
            onClick={() => onOpen?.(row)}
            onKeyDown={(event) => {
              if (event.key === "Enter") onOpen?.(row);
            }}
          >
            {columns.map((column) => (
              <td
                key={column.name}
                class={column.isNumber === true ? "number" : ""}
                data-title={column.isTitleHidden === true ? undefined : column.title}
              >
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
        {last >= rows.length ? null : (
          <tr class="spacer" style={{ height: `${String((rows.length - last) * rowPx)}px` }} />
        )}
      </tbody>
    </table>
  );
}

function directionOf(name: string, sort: { readonly by: string; readonly isDescending: boolean } | undefined) {
  if (sort?.by !== name) return undefined;
  return sort.isDescending ? "descending" : "ascending";
}

function inOrder<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: { readonly by: string; readonly isDescending: boolean } | undefined,
): readonly Row[] {
  const order = columns.find(({ name }) => name === sort?.by)?.order;
  if (order === undefined) return rows;
  const sign = sort?.isDescending === true ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [order(a), order(b)];
    return left === right ? 0 : left < right ? -sign : sign;
  });
}

function walk(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = event.target instanceof HTMLElement ? event.target.closest("tr") : null;
  if (step === undefined || row === null) return;
  const next = step === 1 ? row.nextElementSibling : row.previousElementSibling;
  if (next instanceof HTMLElement && next.tabIndex === 0) {
    event.preventDefault();
    next.focus();
  }
}

/** Which rows are in the page, and the height of one. */
function useVisible(body: { readonly current: HTMLElement | null }, count: number) {
  const [{ top, rowPx }, setPlace] = useState({ top: 0, rowPx: ROW_PX });
  useEffect(() => {
    if (count < VIRTUAL_FROM) return undefined;
    const look = () => {
      const shown = [...(body.current?.querySelectorAll("[data-row]") ?? [])];
      const [upper, lower] = [shown.at(0)?.getBoundingClientRect(), shown.at(-1)?.getBoundingClientRect()];
      const measured = upper === undefined || lower === undefined ? ROW_PX : (lower.bottom - upper.top) / shown.length;
      const above = -(body.current?.getBoundingClientRect().top ?? 0);
      setPlace({ top: Math.max(0, Math.floor(above / measured)), rowPx: measured });
    };
    look();
    // Whether the page or another element scrolls.
    document.addEventListener("scroll", look, { passive: true, capture: true });
    addEventListener("resize", look);
    return () => {
      document.removeEventListener("scroll", look, { capture: true });
      removeEventListener("resize", look);
    };
  }, [count]);
  if (count < VIRTUAL_FROM) return { first: 0, last: count, rowPx };
  const first = Math.max(0, Math.min(top, count) - SPARE_ROWS);
  return { first, last: Math.min(count, top + Math.ceil(globalThis.innerHeight / rowPx) + SPARE_ROWS), rowPx };
}
