import type { ComponentChildren } from "preact";
import type { RequestError } from "../rest/request.ts";

/** Grey bars in place of lines, so nothing moves when these arrive. */
export function Loading({ lines = 5 }: { readonly lines?: number }) {
  return (
    <div class="loading" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} />
      ))}
    </div>
  );
}

export function Fault({ error, retry }: { readonly error: RequestError; readonly retry: () => void }) {
  return (
    <div class="state" role="alert">
      <p>
        <strong>This could not be read.</strong> {error.message}
      </p>
      <button type="button" class="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="state">
      <p>
        <strong>{title}</strong>
      </p>
      {children}
    </div>
  );
}
