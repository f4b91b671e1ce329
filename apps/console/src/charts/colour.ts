/**
 * The colour that a custom property holds here and now, as a canvas takes it. A property that differs by theme is kept as it was written
 * until an element uses it, so an element of its own is asked.
 *
 * @param name such as `--sent`
 */
export function colourOf(name: string): string {
  probe ??= document.documentElement.appendChild(hidden());
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

let probe: HTMLElement | undefined;

function hidden(): HTMLElement {
  const element = document.createElement("i");
  element.hidden = true;
  return element;
}
