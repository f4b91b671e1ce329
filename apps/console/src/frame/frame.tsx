import { useEffect } from "preact/hooks";
import { disconnectedSince } from "../rest/request.ts";
import { linkTo, segments } from "../state/location.ts";
import { timeZone } from "../state/scope.ts";
import { time } from "../format/times.ts";
import { useShortcuts } from "./shortcuts.ts";
import { session } from "../state/session.ts";
import { isFor, PAGES } from "./pages.ts";
import { Rail } from "./rail.tsx";
import { TopBar } from "./top-bar.tsx";

export function Frame() {
  const [name = "overview"] = segments.value;
  const page = PAGES.find((one) => one.name === name && isFor(one, session.value)) ?? PAGES[0];
  useShortcuts();
  useEffect(() => {
    document.title = page === undefined ? "Ticktally" : `${page.title} · Ticktally`;
  }, [page]);
  if (page === undefined) return null;
  const Component = page.component;
  const since = disconnectedSince.value;
  return (
    <div class="frame">
      <nav aria-label="Skip">
        <a class="skip" href={linkTo(segments.value)} onClick={toContent}>
          Skip to content
        </a>
      </nav>
      <Rail current={page.name} />
      <div class="content">
        <TopBar />
        {since === undefined ? null : (
          <p class="notice warn" role="status">
            Ticktally has not answered since {time(new Date(since), timeZone.value)}. The numbers are from then. It
            retries automatically.
          </p>
        )}
        <main id="main" tabIndex={-1}>
          <Component />
        </main>
      </div>
    </div>
  );
}

function toContent(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("#main")?.focus();
}
