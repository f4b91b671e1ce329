import type { ComponentChildren } from "preact";
import { pictureOf } from "./picture.ts";
import type { Resource } from "../rest/resource.ts";
import { download } from "./download.ts";
import { Fault, Loading } from "./states.tsx";

interface CardProps {
  readonly title: string;
  /** One line about the content. */
  readonly note?: ComponentChildren;
  /** Links and buttons beside the title. */
  readonly actions?: ComponentChildren;
  /** Width in twelfths. */
  readonly span?: number;
  readonly children: ComponentChildren;
}

export function Card({ title, note, actions, span = 12, children }: CardProps) {
  return (
    <section class={`card span-${String(span)}`} aria-label={title}>
      <header class="card-head">
        <div>
          <h2>{title}</h2>
          {note === undefined ? null : <p class="quiet small">{note}</p>}
        </div>
        {actions === undefined ? null : (
          <div class="card-actions" data-picture="no">
            {actions}
          </div>
        )}
      </header>
      {children}
    </section>
  );
}

/** The content of a card without an answer: grey lines of the same height, or the error. */
export function Answered<Answer>({
  of,
  height,
  children,
}: {
  readonly of: Resource<Answer>;
  /** px; kept while loading, so that nothing moves */
  readonly height: number;
  readonly children: (answer: Answer) => ComponentChildren;
}) {
  if (of.answer !== undefined) return <>{children(of.answer)}</>;
  return (
    <div style={{ minHeight: `${String(height)}px` }}>
      {of.error === undefined ? (
        <Loading lines={Math.floor((height - 12) / 32)} />
      ) : (
        <Fault error={of.error} retry={of.reload} />
      )}
    </div>
  );
}

export function CsvLink({ href }: { readonly href: string }) {
  return (
    <a class="tool" href={href} download="">
      CSV
    </a>
  );
}

/** Saves its card as a picture. */
export function PictureButton({ title }: { readonly title: string }) {
  return (
    <button
      type="button"
      class="tool"
      aria-label={`PNG of ${title}`}
      onClick={(event) => {
        const card = event.currentTarget.closest<HTMLElement>(".card");
        if (card !== null) void pictureOf(card, title).then(download);
      }}
    >
      PNG
    </button>
  );
}
