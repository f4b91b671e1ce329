import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** A panel over the right side of the page. Escape or a click outside closes it and returns the focus. */
export function Drawer({
  title,
  onClose,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before it is drawn, so keystrokes do not go elsewhere.
  useLayoutEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="drawer"
      aria-label={title}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      <div class="drawer-inside">
        <header>
          <h2>{title}</h2>
          <button
            type="button"
            class="button quiet"
            onClick={() => {
              dialog.current?.close();
            }}
          >
            Close
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
