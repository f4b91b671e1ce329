interface SegmentsProps<Name extends string> {
  /** For screen readers. */
  readonly legend: string;
  readonly value: Name;
  readonly options: Readonly<Record<Name, string>>;
  readonly onChange: (value: Name) => void;
}

/** A choice of one among a few visible options. */
export function Segments<Name extends string>({ legend, value, options, onChange }: SegmentsProps<Name>) {
  return (
    <fieldset class="segments small">
      <legend class="visually-hidden">{legend}</legend>
      {(Object.keys(options) as Name[]).map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={value === name}
          onClick={() => {
            onChange(name);
          }}
        >
          {options[name]}
        </button>
      ))}
    </fieldset>
  );
}
