/**
 * The current colour of a custom property, in a form that a canvas accepts. A property that differs by theme is only resolved when an
 * element uses it, so this creates an element for it.
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
