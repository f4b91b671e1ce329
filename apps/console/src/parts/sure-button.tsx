import { useEffect, useRef, useState } from "preact/hooks";

interface SureButtonProps {
  readonly title: string;
  /** What it says when it was pressed once. */
  readonly sure: string;
  /** For screen readers, where the title alone does not say of what. */
  readonly label?: string;
  readonly disabled?: boolean;
  readonly onSure: () => void;
}

/** A button that takes two presses, for what cannot be taken back. Elsewhere pressed, it forgets the first. */
export function SureButton({ title, sure, label = title, disabled = false, onSure }: SureButtonProps) {
  const [isAsked, setAsked] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isAsked) return undefined;
    const onPointer = (event: Event) => {
      if (event.target !== button.current) setAsked(false);
    };
    document.addEventListener("pointerdown", onPointer);
    return () => {
      document.removeEventListener("pointerdown", onPointer);
    };
  }, [isAsked]);
  return (
    <button
      ref={button}
      type="button"
      class={isAsked ? "button danger" : "button quiet"}
      aria-label={isAsked ? `${label}: ${sure}` : label}
      disabled={disabled}
      onClick={() => {
        setAsked(!isAsked);
        if (isAsked) onSure();
      }}
      onBlur={() => {
        setAsked(false);
      }}
    >
      {isAsked ? sure : title}
    </button>
  );
}
