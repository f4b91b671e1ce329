/** Charts as PNG files, on the page's background, with their title. */

const MARGIN = 24;
const TITLE_PX = 40;

interface Legend {
  readonly title: string;
  readonly colour: string;
}

export async function savePicture(
  title: string,
  source: HTMLCanvasElement | SVGSVGElement,
  legend: readonly Legend[] = [],
) {
  const scale = devicePixelRatio > 1 ? 1 : 2;
  const drawing = source instanceof HTMLCanvasElement ? source : await drawn(source);
  const factor = source instanceof HTMLCanvasElement ? 1 : scale;
  const ratio = source instanceof HTMLCanvasElement ? devicePixelRatio : scale;
  const [width, height] = [drawing.width * (factor === 1 ? 1 : factor), drawing.height * (factor === 1 ? 1 : factor)];
  const canvas = document.createElement("canvas");
  canvas.width = width + 2 * MARGIN * ratio;
  canvas.height = height + (2 * MARGIN + TITLE_PX) * ratio;
  const context = canvas.getContext("2d");
  if (context === null) return;
  const style = getComputedStyle(document.documentElement);
  context.fillStyle = style.getPropertyValue("--surface");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(ratio, ratio);
  context.textBaseline = "top";
  context.fillStyle = style.getPropertyValue("--text");
  context.font = `600 15px ${style.fontFamily}`;
  context.fillText(title, MARGIN, MARGIN);
  let right = MARGIN + context.measureText(title).width + 24;
  context.font = `12px ${style.fontFamily}`;
  for (const { title: name, colour } of legend) {
    context.fillStyle = style.getPropertyValue(colour);
    context.fillRect(right, MARGIN + 6, 14, 3);
    context.fillStyle = style.getPropertyValue("--text-2");
    context.fillText(name, right + 20, MARGIN + 2);
    right += 20 + context.measureText(name).width + 16;
  }
  context.drawImage(drawing, MARGIN, MARGIN + TITLE_PX, width / ratio, height / ratio);
  canvas.toBlob((blob) => {
    if (blob !== null) save(blob, `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.png`);
  });
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 10_000);
}

const PROPERTIES = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
];

/** An SVG of the page as an image: outside the page its styles do not hold, so they are written into it. */
async function drawn(source: SVGSVGElement): Promise<HTMLImageElement> {
  const copy = source.cloneNode(true) as SVGSVGElement;
  const { width, height } = source.getBoundingClientRect();
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  const originals = source.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, index) => {
    const original = originals[index];
    if (original === undefined) return;
    const style = getComputedStyle(original);
    for (const name of PROPERTIES) element.setAttribute(name, style.getPropertyValue(name));
  });
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}
