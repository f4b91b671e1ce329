import { describe, expect, it } from "vitest";
import { csvLine } from "./csv-line.ts";

describe("a line of CSV", () => {
  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠SUM(A1)"])(
    "escapes %s, which a spreadsheet would evaluate as a formula",
    (text) => {
      expect(csvLine([text, 1])).toBe(`'${text},1\r\n`);
    },
  );

  it("quotes cells with a comma, a quote or a line break, and does not change numbers, other texts and empty cells", () => {
    expect(csvLine(["a,b", 'a"b', "a\nb", -1, "a=b", null, undefined, true])).toBe(
      '"a,b","a""b","a\nb",-1,a=b,,,true\r\n',
    );
    expect(csvLine(["\rx", "\tx"])).toBe("\"'\rx\",'\tx\r\n");
  });
});
