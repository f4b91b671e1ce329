import { z } from "zod";

/** Parameter of queries whose answer is a table. */
export const csvFormat = {
  format: z.enum(["json", "csv"]).optional().describe("`csv` is the same as `Accept: text/csv`."),
};
