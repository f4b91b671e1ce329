import { useRef, useState } from "preact/hooks";

/** A text with a button that copies it. */
export function Copied({ text, what }: { readonly text: string; readonly what: string }) {
  const [isDone, setDone] = useState(false);
  const code = useRef<HTMLElement>(null);
  return (
    <div class="copied">
      <code ref={code}>{text}</code>
      <button
        type="button"
        class="button"
        aria-label={isDone ? `The ${what} is copied` : `Copy the ${what}`}
        onClick={() => {
          copy(text).then(
            () => {
              setDone(true);
            },
            () => {
              // If the browser does not let pages copy, as over http from another machine, the user copies it.
              if (code.current !== null) getSelection()?.selectAllChildren(code.current);
            },
          );
        }}
      >
        {isDone ? "Copied" : "Copy"}
      </button>
    </div>
  );
}

async function copy(text: string): Promise<void> {
  if (!isSecureContext) throw new Error("only secure pages may copy");
  await navigator.clipboard.writeText(text);
}
