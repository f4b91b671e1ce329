/** A decorative line drawing of 24 × 24; the text beside it says the same. */
export function Icon({ path, size = 20 }: { readonly path: string; readonly size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
