import { linkTo } from "../state/location.ts";
import { Icon } from "../parts/icon.tsx";
import { PAGES, type Page } from "./pages.ts";

const IN_BAR = 4;

/** The pages: a column on the left, on a phone a bar at the bottom. */
export function Rail({ current }: { readonly current: string }) {
  const [first, more] = [PAGES.slice(0, IN_BAR), PAGES.slice(IN_BAR)];
  return (
    <nav class="rail" aria-label="Pages">
      <a class="brand" href={linkTo(["overview"])}>
        <img src="/favicon.svg" alt="" width="28" height="28" />
        <span>Ticktally</span>
      </a>
      <ul>
        {first.map((page) => (
          <Item page={page} isCurrent={page.name === current} />
        ))}
        {more.map((page) => (
          <Item page={page} isCurrent={page.name === current} isFurther />
        ))}
        {more.length === 0 ? null : (
          <li class="rail-more">
            <details>
              <summary>
                <Icon path="M5 12h.01M12 12h.01M19 12h.01" />
                <span>More</span>
              </summary>
              <ul>
                {more.map((page) => (
                  <Item page={page} isCurrent={page.name === current} />
                ))}
              </ul>
            </details>
          </li>
        )}
      </ul>
    </nav>
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
