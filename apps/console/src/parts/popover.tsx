import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface PopoverProps {
  readonly label: ComponentChildren;
  /** For screen readers and as a tooltip: the label alone does not explain the button. */
  readonly title: string;
  readonly className?: string;
  readonly children: (close: () => void) => ComponentChildren;
}

/** A button that opens a small panel below it. Escape or a click elsewhere closes it; the focus returns to the button. */
export function Popover({ label, title, className = "", children }: PopoverProps) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  useEffect(() => {
    if (!isOpen) return undefined;
    root.current?.querySelector<HTMLElement>(".popover-panel :is(input, a, button)")?.focus();
    const onPointer = (event: Event) => {
      if (event.target instanceof Node && root.current?.contains(event.target) === false) setOpen(false);
    };
    document.addEventListener("pointerdown", onPointer);
    return () => {
      document.removeEventListener("pointerdown", onPointer);
    };
  }, [isOpen]);
  return (
    <div
      class={`popover ${className}`}
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.stopPropagation();
        close();
      }}
    >
      <button
        ref={button}
        type="button"
        class="field popover-button"
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        title={title}
        onClick={() => {
          setOpen(!isOpen);
        }}
      >
        <span class="popover-label">{label}</span>
      </button>
      {isOpen ? (
        <div class="popover-panel" role="dialog" aria-label={title}>
          {children(close)}
        </div>
      ) : null}
    </div>
  );
}
