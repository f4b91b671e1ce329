import type UPlot from "uplot";
import { colourOf } from "./colour.ts";

/** Something that happened, which a chart shows at its moment. */
export interface Mark {
  /** Unix seconds. */
  readonly at: number;
  /** The custom property that holds its colour. */
  readonly colour: string;
}

/** The line to the last moment is dashed, because that bucket is not complete. */
export function drawOpen(plot: UPlot): void {
  const [moments] = plot.data;
  const [from, to] = [moments.at(-2), moments.at(-1)];
  if (from === undefined || to === undefined) return;
  const { ctx, bbox } = plot;
  const [left, right] = [plot.valToPos(from, "x", true), plot.valToPos(to, "x", true)];
  ctx.save();
  ctx.fillStyle = colourOf("--surface");
  const step = 7 * devicePixelRatio;
  for (let x = left + step / 2; x < right; x += step) ctx.fillRect(x, bbox.top, step / 2.4, bbox.height);
  ctx.restore();
}

const DISC_PX = 8;

/** A line from top to bottom at each, with its number in a disc. */
export function drawMarks(plot: UPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = plot;
  const px = devicePixelRatio;
  ctx.save();
  ctx.font = `600 ${String(10 * px)}px ${getComputedStyle(plot.root).fontFamily}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineWidth = px;
  ctx.setLineDash([2 * px, 3 * px]);
  for (const [index, { at, colour }] of marks.entries()) {
    const x = plot.valToPos(at, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const y = bbox.top + DISC_PX * px;
    ctx.strokeStyle = ctx.fillStyle = colourOf(colour);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.arc(x, y, DISC_PX * px, 0, 2 * Math.PI);
    ctx.fill();
    ctx.fillStyle = colourOf("--surface");
    ctx.fillText(String(index + 1), x, y);
  }
  ctx.restore();
}
