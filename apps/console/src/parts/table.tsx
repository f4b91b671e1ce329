import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface Column<Row> {
  readonly name: string;
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Numbers stand on the right. */
  readonly isNumber?: boolean;
  /** Compared by this; a column without it cannot be sorted by. */
  readonly order?: (row: Row) => number | string;
}

export interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly onOpen?: (row: Row) => void;
  readonly sort?: { readonly by: string; readonly isDescending: boolean };
  readonly onSort?: (by: string, isDescending: boolean) => void;
}

const ROW_PX = 44;
/** Rows above and below the visible ones that are kept in the page. */
const SPARE_ROWS = 12;
/** Below this all rows are in the page: find-in-page and printing work. */
const VIRTUAL_FROM = 200;

/** A table whose rows can be opened and walked with the arrow keys. Of many rows only those near the visible ones are in the page. */
export function Table<Row>({ caption, columns, rows, keyOf, onOpen, sort, onSort }: TableProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [first, last] = useVisible(body, rows.length);
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
              {column.order === undefined || onSort === undefined ? (
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
        {first === 0 ? null : <tr class="spacer" style={{ height: `${String(first * ROW_PX)}px` }} />}
        {shown.map((row) => (
          <tr
            key={keyOf(row)}
            tabIndex={onOpen === undefined ? undefined : 0}
            class={onOpen === undefined ? "" : "opens"}
            onClick={() => onOpen?.(row)}
            onKeyDown={(event) => {
              if (event.key === "Enter") onOpen?.(row);
            }}
          >
            {columns.map((column) => (
              <td key={column.name} class={column.isNumber === true ? "number" : ""} data-title={column.title}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
        {last >= rows.length ? null : (
          <tr class="spacer" style={{ height: `${String((rows.length - last) * ROW_PX)}px` }} />
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

/** Which rows are to be in the page. */
function useVisible(body: { readonly current: HTMLElement | null }, count: number): readonly [number, number] {
  const [top, setTop] = useState(0);
  useEffect(() => {
    if (count < VIRTUAL_FROM) return undefined;
    const look = () => {
      const above = -(body.current?.getBoundingClientRect().top ?? 0);
      setTop(Math.max(0, Math.floor(above / ROW_PX)));
    };
    look();
    document.addEventListener("scroll", look, { passive: true });
    return () => {
      document.removeEventListener("scroll", look);
    };
  }, [count]);
  if (count < VIRTUAL_FROM) return [0, count];
  const first = Math.max(0, top - SPARE_ROWS);
  return [first, Math.min(count, top + Math.ceil(globalThis.innerHeight / ROW_PX) + SPARE_ROWS)];
}
