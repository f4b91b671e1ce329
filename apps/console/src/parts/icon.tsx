/** A line drawing of 24 × 24; it says nothing that a word beside it does not. */
export function Icon({ path, size = 20 }: { readonly path: string; readonly size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
