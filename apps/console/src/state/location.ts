import { computed, signal } from "@preact/signals";

/**
 * The part of the address after `#`: a page's path and its choices. It describes everything that is shown, so a shared address shows the
 * same, and the browser's back button works as expected.
 */
const fragment = signal(globalThis.location.hash);

globalThis.addEventListener("hashchange", () => {
  fragment.value = globalThis.location.hash;
});

const parts = computed(() => {
  const text = fragment.value.replace(/^#/, "") || "/overview";
  const [path = "", query = ""] = text.split("?", 2);
  return {
    segments: path
      .split("/")
      .filter((segment) => segment !== "")
      .map(decodeSegment),
    query: new URLSearchParams(query),
  };
});

/** The page's name first, then its parameters: `["messages", "sales", "3EB0…"]`. */
export const segments = computed(() => parts.value.segments);

/** One choice of the address; `undefined` if it is missing. */
export function choice(name: string): string | undefined {
  return parts.value.query.get(name) ?? undefined;
}

/** Change choices and stay on the page; `undefined` removes one. */
export function choose(changes: Readonly<Record<string, string | undefined>>, { replace = false } = {}): void {
  go(addressOf(segments.peek(), changes), { replace });
}

/** Choices kept between pages: period and instances. All others belong to their page. */
const KEPT = ["instances", "range", "from", "to", "tz", "compare"];

/** @returns an address such as `#/messages?range=7d`, with the choices that are kept between pages, and `changes` */
export function linkTo(path: readonly string[], changes: Readonly<Record<string, string | undefined>> = {}): string {
  const query = new URLSearchParams([...parts.value.query].filter(([name]) => KEPT.includes(name)));
  return `#/${path.map(encodeURIComponent).join("/")}${queryText(query, changes)}`;
}

function addressOf(path: readonly string[], changes: Readonly<Record<string, string | undefined>>): string {
  return `#/${path.map(encodeURIComponent).join("/")}${queryText(new URLSearchParams(parts.peek().query), changes)}`;
}

function queryText(query: URLSearchParams, changes: Readonly<Record<string, string | undefined>>): string {
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/");
  return text === "" ? "" : `?${text}`;
}

export function go(address: string, { replace = false } = {}): void {
  if (replace) {
    globalThis.history.replaceState(undefined, "", address);
    fragment.value = address;
  } else globalThis.location.hash = address;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
