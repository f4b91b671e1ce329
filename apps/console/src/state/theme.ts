import { effect, signal } from "@preact/signals";

export const THEMES = { system: "System", light: "Light", dark: "Dark" } as const;
export type Theme = keyof typeof THEMES;

const PLACE = "ticktally.theme";

export const theme = signal<Theme>(stored());

/** Set before the first paint, so nothing flashes. */
export function startTheme(): void {
  effect(() => {
    const root = document.documentElement;
    if (theme.value === "system") delete root.dataset["theme"];
    else root.dataset["theme"] = theme.value;
    try {
      localStorage.setItem(PLACE, theme.value);
    } catch {
      // A browser that keeps nothing: the choice lasts as long as the page.
    }
  });
}

function stored(): Theme {
  try {
    const value = localStorage.getItem(PLACE) ?? "";
    return value in THEMES ? (value as Theme) : "system";
  } catch {
    return "system";
  }
}
