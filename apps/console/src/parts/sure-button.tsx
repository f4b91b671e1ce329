import { useEffect, useRef, useState } from "preact/hooks";

interface SureButtonProps {
  readonly title: string;
  /** The label after the first press. */
  readonly sure: string;
  /** For screen readers, if the title alone does not name the object. */
  readonly label?: string;
  readonly disabled?: boolean;
  readonly onSure: () => void;
}

/** A button that needs two presses, for actions that cannot be undone. A press elsewhere cancels the first. */
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
