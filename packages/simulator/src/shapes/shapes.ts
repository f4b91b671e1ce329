import { TELEGRAM, WHATSAPP } from "./green-api.ts";
import { META } from "./meta.ts";
import type { Shape } from "./shape.ts";

/** Keyed by the product that a character uses. */
export const SHAPES = { whatsapp: WHATSAPP, telegram: TELEGRAM, meta: META } as const satisfies Record<string, Shape>;
