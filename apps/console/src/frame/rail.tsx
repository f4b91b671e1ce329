import { useEffect, useRef } from "preact/hooks";
import { linkTo } from "../state/location.ts";
import { Icon } from "../parts/icon.tsx";
import { connection } from "../state/live.ts";
import { session, signOut } from "../state/session.ts";
import { isFor, PAGES, type Page } from "./pages.ts";

const IN_BAR = 4;

/** The pages: a column on the left, on a phone a bar at the bottom. */
export function Rail({ current }: { readonly current: string }) {
  const pages = PAGES.filter((page) => isFor(page, session.value));
  const [first, more] = [pages.slice(0, IN_BAR), pages.slice(IN_BAR)];
  return (
    <nav class="rail" aria-label="Pages">
      <a class="brand" href={linkTo(["overview"])}>
        <img src="/favicon.svg" alt="" width="28" height="28" />
        <span>Ticktally</span>
      </a>
      <ul>
        {first.map((page) => (
          <Item key={page.name} page={page} isCurrent={page.name === current} />
        ))}
        {more.map((page) => (
          <Item key={page.name} page={page} isCurrent={page.name === current} isFurther />
        ))}
        <More pages={more} current={current} />
      </ul>
    </nav>
  );
}

/** On a phone: the other pages, and who is signed in. It closes after a choice or a tap elsewhere. */
function More({ pages, current }: { readonly pages: readonly Page[]; readonly current: string }) {
  const details = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (details.current !== null) details.current.open = false;
  };
  useEffect(() => {
    const onPointer = (event: Event) => {
      if (event.target instanceof Node && details.current?.contains(event.target) === false) close();
    };
    document.addEventListener("pointerdown", onPointer);
    return () => {
      document.removeEventListener("pointerdown", onPointer);
    };
  }, []);
  return (
    <li class="rail-more">
      <details
        ref={details}
        onKeyDown={(event) => {
          if (event.key === "Escape") close();
        }}
      >
        <summary class={pages.some(({ name }) => name === current) ? "current" : ""}>
          <Icon path="M5 12h.01M12 12h.01M19 12h.01" />
          <span>More</span>
        </summary>
        <ul onClick={close}>
          {pages.map((page) => (
            <Item key={page.name} page={page} isCurrent={page.name === current} />
          ))}
          <li class="rail-who">
            <span class="quiet small">
              {session.value?.name} · {connection()}
            </span>
            <button type="button" class="button quiet" onClick={() => void signOut()}>
              Sign out
            </button>
          </li>
        </ul>
      </details>
    </li>
  );
}

interface ItemProps {
  readonly page: Page;
  readonly isCurrent: boolean;
  readonly isFurther?: boolean;
}

function Item({ page, isCurrent, isFurther = false }: ItemProps) {
  return (
    <li class={isFurther ? "rail-further" : ""}>
      <a
        href={linkTo([page.name])}
        aria-current={isCurrent ? "page" : undefined}
        title={`${page.title} (g ${page.key})`}
      >
        <Icon path={page.icon} />
        <span>{page.title}</span>
      </a>
    </li>
  );
}
