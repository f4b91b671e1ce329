import { choose } from "../state/location.ts";
import { comparison, COMPARISONS, range, RANGES } from "../state/scope.ts";
import { InstancePicker } from "./instance-picker.tsx";
import { OwnPeriod } from "./own-period.tsx";
import { Who } from "./who.tsx";
import { ZonePicker } from "./zone-picker.tsx";

/** The choices for all pages, and who is signed in. */
export function TopBar() {
  return (
    <header class="top-bar">
      <div class="choices">
        <InstancePicker />
        <fieldset class="segments periods">
          <legend class="visually-hidden">Period</legend>
          {Object.entries(RANGES).map(([name, title]) => (
            <button
              key={name}
              type="button"
              aria-pressed={range.value === name}
              onClick={() => {
                choose({ range: name === "7d" ? undefined : name, from: undefined, to: undefined });
              }}
            >
              {title}
            </button>
          ))}
          <OwnPeriod />
        </fieldset>
        <label class="choice">
          <span class="visually-hidden">Compare with</span>
          <select
            class="field"
            title="Compare the period with"
            value={comparison.value}
            onChange={(event) => {
              const { value } = event.currentTarget;
              choose({ compare: value === "before" ? undefined : value });
            }}
          >
            {Object.entries(COMPARISONS).map(([name, text]) => (
              <option key={name} value={name}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <ZonePicker />
      </div>
      <Who />
    </header>
  );
}
