import { useState } from "preact/hooks";

/** A text to be pasted elsewhere, with a button that copies it. */
export function Copied({ text, what }: { readonly text: string; readonly what: string }) {
  const [isDone, setDone] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => {
        setDone(true);
      },
      () => {
        setDone(false);
      },
    );
  };
  return (
    <div class="copied">
      <code>{text}</code>
      <button type="button" class="button" aria-label={`Copy the ${what}`} onClick={copy}>
        {isDone ? "Copied" : "Copy"}
      </button>
    </div>
  );
}
