import { csvLine, type Cell } from "@ticktally/schemas/csv";

/** Rows as a CSV file with a header line, as the api writes them. */
export function csvFile(name: string, header: readonly string[], rows: readonly (readonly Cell[])[]): File {
  return new File([header, ...rows].map(csvLine), `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.csv`, {
    type: "text/csv",
  });
}
