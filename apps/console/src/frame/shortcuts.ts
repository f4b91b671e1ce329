import { useEffect } from "preact/hooks";
import { go, linkTo } from "../state/location.ts";
import { PAGES } from "./pages.ts";

/** `/` focuses the search field, `g` and a letter open a page. Not while the user types. */
export function useShortcuts(): void {
  useEffect(() => {
    let isGoing = false;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "/") {
        const search = document.querySelector<HTMLInputElement>("input[type=search]");
        if (search === null) return;
        event.preventDefault();
        search.focus();
      } else if (isGoing) {
        const page = PAGES.find(({ key }) => key === event.key);
        if (page !== undefined) go(linkTo([page.name]));
      }
      isGoing = event.key === "g";
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
    };
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|SELECT|TEXTAREA)$/.test(target.tagName))
  );
}
