import type { ComponentType } from "preact";
import { Failures } from "../pages/failures/failures.tsx";
import { Health } from "../pages/health/health.tsx";
import { Instances } from "../pages/instances/instances.tsx";
import { Labels } from "../pages/labels/labels.tsx";
import { Messages } from "../pages/messages/messages.tsx";
import { Overview } from "../pages/overview/overview.tsx";
import { Settings } from "../pages/settings/settings.tsx";
import type { Session } from "../state/session.ts";

export interface Page {
  /** The first part of its address. */
  readonly name: string;
  readonly title: string;
  /** `g` followed by this letter opens it. */
  readonly key: string;
  /** Path data of its icon, 24 × 24, drawn as lines. */
  readonly icon: string;
  readonly component: ComponentType;
  /** Which tokens see it; all by default. */
  readonly for?: readonly Session["kind"][];
}

/** In the order of the rail. On a phone the first four are in the bar, the rest under "More". */
export const PAGES: readonly Page[] = [
  {
    name: "overview",
    title: "Overview",
    key: "o",
    icon: "M4 13h6V4H4zM14 20h6V4h-6zM4 20h6v-3H4z",
    component: Overview,
  },
  { name: "instances", title: "Instances", key: "i", icon: "M4 6h16M4 12h16M4 18h16", component: Instances },
  { name: "messages", title: "Messages", key: "m", icon: "M4 5h16v11H9l-5 4z", component: Messages },
  { name: "failures", title: "Failures", key: "f", icon: "M12 4l9 16H3zM12 10v4M12 17v.01", component: Failures },
  { name: "labels", title: "Labels", key: "l", icon: "M4 4h8l8 8-8 8-8-8zM8.5 8.5v.01", component: Labels },
  {
    name: "health",
    title: "Health",
    key: "h",
    icon: "M3 12h4l3-7 4 14 3-7h4",
    component: Health,
    for: ["account", "read"],
  },
  {
    name: "settings",
    title: "Settings",
    key: "s",
    icon: "M4 7h10M18 7h2M4 17h2M10 17h10M14 4v6M6 14v6",
    component: Settings,
  },
];

export function isFor({ for: kinds }: Page, who: Session | null | undefined): boolean {
  return kinds === undefined || (who !== null && who !== undefined && kinds.includes(who.kind));
}
