import type { ComponentType } from "preact";
import { Instances } from "../pages/instances/instances.tsx";
import { Messages } from "../pages/messages/messages.tsx";
import { Overview } from "../pages/overview/overview.tsx";

export interface Page {
  /** The first part of its address. */
  readonly name: string;
  readonly title: string;
  /** `g` and this letter lead to it. */
  readonly key: string;
  /** Path data of its icon, 24 × 24, drawn as lines. */
  readonly icon: string;
  readonly component: ComponentType;
}

/** In the order of the rail. On a phone the first four stand in the bar, the rest under "More". */
export const PAGES: readonly Page[] = [
  {
    name: "overview",
    title: "Overview",
    key: "o",
    icon: "M4 13h6V4H4zM14 20h6V4h-6zM4 20h6v-3H4z",
    component: Overview,
  },
  {
    name: "instances",
    title: "Instances",
    key: "i",
    icon: "M4 6h16M4 12h16M4 18h16",
    component: Instances,
  },
  {
    name: "messages",
    title: "Messages",
    key: "m",
    icon: "M4 5h16v11H9l-5 4z",
    component: Messages,
  },
];
