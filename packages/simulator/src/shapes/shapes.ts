import { TELEGRAM, WHATSAPP } from "./green-api.ts";
import type { Shape } from "./shape.ts";

/** By the product that a character uses. */
export const SHAPES = { whatsapp: WHATSAPP, telegram: TELEGRAM } as const satisfies Record<string, Shape>;
