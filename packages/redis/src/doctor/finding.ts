/** `fault`: Ticktally does not start with it, or loses what it acknowledged. `warning`: a guarantee is weaker than it could be. */
type Severity = "ok" | "warning" | "fault";

/** One thing that was checked. */
export interface Finding {
  readonly severity: Severity;
  /** What was found, and what to change. */
  readonly text: string;
}

export const ok = (text: string): Finding => ({ severity: "ok", text });
export const warning = (text: string): Finding => ({ severity: "warning", text });
export const fault = (text: string): Finding => ({ severity: "fault", text });
