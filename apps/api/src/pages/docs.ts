import { readFileSync } from "node:fs";
import { openApiDocument } from "@ticktally/schemas";
import { Router } from "express";

const page = (name: string) => readFileSync(new URL(`../../docs-page/${name}`, import.meta.url), "utf8");

/** Only content from this origin runs or loads, and nothing may frame the page, because a token is typed into it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * `GET /openapi.json` and `GET /docs`: this interface for programs and for people. Without a token: they contain nothing that the public
 * source does not.
 */
export function docsRoutes(): Router {
  const document = JSON.stringify(openApiDocument());
  const router = Router();
  router.get("/openapi.json", (_req, res) => {
    res.type("application/json").send(document);
  });
  for (const [path, type, text] of [
    ["/docs", "text/html", page("index.html")],
    ["/docs/docs.css", "text/css", page("docs.css")],
    ["/docs/docs.js", "text/javascript", page("docs.js")],
    ["/docs/fields.js", "text/javascript", page("fields.js")],
  ] as const) {
    router.get(path, (_req, res) => {
      res.set("content-security-policy", POLICY).type(type).send(text);
    });
  }
  return router;
}
