import { fileURLToPath } from "node:url";
import express, { Router } from "express";

const FOLDER = fileURLToPath(new URL("../../../console/dist/", import.meta.url));

/** Only what comes from here runs or is loaded, and nothing may frame the page: one signs in on it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The console: `GET /` for a browser, and the files it loads. Without a token, and not counted by the rate limit: they hold nothing that
 * the source does not. A program that asks for JSON at `/` is not answered here.
 */
export function consoleRoutes(): Router {
  const router = Router();
  router.get("/", (req, res, next) => {
    if (req.accepts(["json", "html"]) !== "html") {
      next();
      return;
    }
    res.set({ "content-security-policy": POLICY, vary: "accept" });
    res.sendFile("index.html", { root: FOLDER, cacheControl: false }, next);
  });
  const files = { index: false, fallthrough: true, redirect: false, maxAge: "1y", immutable: true } as const;
  router.use("/assets", express.static(`${FOLDER}assets`, files));
  router.use("/favicon.svg", express.static(`${FOLDER}favicon.svg`, { ...files, maxAge: "1d", immutable: false }));
  return router;
}
