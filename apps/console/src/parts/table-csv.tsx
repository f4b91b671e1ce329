import { csvFile } from "../format/csv.ts";
import { download } from "./download.ts";
import type { Column } from "./table.tsx";

interface TableCsvProps<Row> {
  /** The name of the file. */
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
}

/** Saves the rows of a table as shown, for tables without a CSV in the api. */
export function TableCsv<Row>({ name, columns, rows }: TableCsvProps<Row>) {
  const save = () => {
    const exported = columns.flatMap(({ title, csv, order }) => {
      const value = csv ?? order;
      return value === undefined ? [] : [{ title, value }];
    });
    const header = exported.map(({ title }) => title);
    download(
      csvFile(
        name,
        header,
        rows.map((row) => exported.map(({ value }) => value(row))),
      ),
    );
  };
  return (
    <button type="button" class="tool" aria-label={`CSV of ${name}`} onClick={save}>
      CSV
    </button>
  );
}
