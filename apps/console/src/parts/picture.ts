/**
 * A part of the page as a PNG file: its texts, lines, bars and charts. Browsers have no API for this, so it is redrawn element by element.
 * Elements that only make sense on the page (buttons, links to tables) have `data-picture="no"`.
 */

const MARGIN = 24;
/** Enough resolution for printing. */
const SCALE = 2;

/** @returns the file, named after the title */
export async function pictureOf(element: HTMLElement, title: string): Promise<File> {
  const frame = element.getBoundingClientRect();
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("This browser draws no pictures.");
  const bottom = lowestShown(element, frame.bottom);
  canvas.width = Math.ceil((frame.width + 2 * MARGIN) * SCALE);
  canvas.height = Math.ceil((bottom - frame.top + 2 * MARGIN) * SCALE);
  context.scale(SCALE, SCALE);
  context.fillStyle = getComputedStyle(element).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(MARGIN - frame.left, MARGIN - frame.top);
  await drawChildren(context, element);
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, "image/png");
  });
  if (blob === null) throw new Error("The picture is too large.");
  return new File([blob], `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.png`, { type: "image/png" });
}

/** Elements that are left out at the end of a card leave no empty space. */
function lowestShown(element: HTMLElement, end: number): number {
  const last = [...element.children].findLast((child) => !isLeftOut(child));
  return Math.min(end, last?.getBoundingClientRect().bottom ?? end);
}

function isLeftOut(element: Element): boolean {
  if (element instanceof HTMLElement && element.dataset["picture"] === "no") return true;
  const { display, visibility, clipPath } = getComputedStyle(element);
  return display === "none" || visibility === "hidden" || clipPath !== "none";
}

async function draw(context: CanvasRenderingContext2D, element: Element): Promise<void> {
  if (isLeftOut(element)) return;
  const { left, top, width, height } = element.getBoundingClientRect();
  if (element instanceof SVGSVGElement) {
    if (width > 0 && height > 0) context.drawImage(await imageOf(element), left, top, width, height);
  } else if (element instanceof HTMLCanvasElement) {
    context.drawImage(element, left, top, width, height);
  } else {
    drawBox(context, element);
    await drawChildren(context, element);
  }
}

async function drawChildren(context: CanvasRenderingContext2D, element: Element): Promise<void> {
  for (const child of element.childNodes) {
    if (child instanceof Text) drawText(context, child, getComputedStyle(element));
    else if (child instanceof Element) await draw(context, child);
  }
}

function drawBox(context: CanvasRenderingContext2D, element: Element): void {
  const { left, top, width, height } = element.getBoundingClientRect();
  const { backgroundColor, borderTopLeftRadius, borderTopWidth, borderTopColor, borderTopStyle } =
    getComputedStyle(element);
  if (backgroundColor !== "rgba(0, 0, 0, 0)") {
    context.fillStyle = backgroundColor;
    context.beginPath();
    context.roundRect(left, top, width, height, Number.parseFloat(borderTopLeftRadius) || 0);
    context.fill();
  }
  const border = borderTopStyle === "none" ? 0 : Number.parseFloat(borderTopWidth);
  if (border > 0) {
    context.fillStyle = borderTopColor;
    context.fillRect(left, top, width, border);
  }
}

/** Word by word at the browser's positions, so lines break as on the page. */
function drawText(context: CanvasRenderingContext2D, text: Text, style: CSSStyleDeclaration): void {
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textBaseline = "alphabetic";
  const range = document.createRange();
  for (const { index, 0: word } of text.data.matchAll(/\S+/g)) {
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    const { left, top } = range.getBoundingClientRect();
    context.fillText(word, left, top + context.measureText(word).fontBoundingBoxAscent);
  }
}

const PROPERTIES = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "stop-color",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
];

/** An SVG of the page as an image. Its styles do not apply outside the page, so they are inlined. */
async function imageOf(source: SVGSVGElement): Promise<HTMLImageElement> {
  const copy = source.cloneNode(true) as SVGSVGElement;
  const { width, height } = source.getBoundingClientRect();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  // At its final size, because the browser would otherwise scale up its pixels.
  copy.setAttribute("width", String(width * SCALE));
  copy.setAttribute("height", String(height * SCALE));
  if (!copy.hasAttribute("viewBox")) copy.setAttribute("viewBox", `0 0 ${String(width)} ${String(height)}`);
  const copies = [copy, ...copy.querySelectorAll("*")];
  for (const [index, original] of [source, ...source.querySelectorAll("*")].entries()) {
    const style = getComputedStyle(original);
    for (const name of PROPERTIES) copies[index]?.setAttribute(name, style.getPropertyValue(name));
    copies[index]?.removeAttribute("style");
  }
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}
