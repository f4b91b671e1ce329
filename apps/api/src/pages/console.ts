import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Router, type Request, type Response } from "express";

const FOLDER = fileURLToPath(new URL("../../../console/dist", import.meta.url));

/** Only content from this origin runs or loads, and nothing may frame the page, because users sign in on it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

interface ConsoleFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly zipped: Buffer;
}

/**
 * The console: `GET /` for a browser, and the files it loads. Without a token and not rate-limited: they contain nothing that the public
 * source does not. A program that asks for JSON at `/` is not answered here. The files are few and small, so they are kept in memory,
 * compressed once.
 */
export function consoleRoutes(folder = FOLDER): Router {
  const router = Router();
  const page = fileIn(folder, "index.html");
  router.get("/", (req, res, next) => {
    if (page === undefined || req.accepts(["json", "html"]) !== "html") {
      next();
      return;
    }
    res.set({ "content-security-policy": POLICY, "cache-control": "no-cache" });
    answer(req, res, page);
  });
  // The build names them by their content hash, so they never change.
  for (const name of filesIn(join(folder, "assets"))) {
    serve(router, `/assets/${name}`, fileIn(folder, `assets/${name}`), "public, max-age=31536000, immutable");
  }
  serve(router, "/favicon.svg", fileIn(folder, "favicon.svg"), "public, max-age=86400");
  return router;
}

function serve(router: Router, path: string, file: ConsoleFile | undefined, caching: string): void {
  if (file === undefined) return;
  router.get(path, (req, res) => {
    res.set("cache-control", caching);
    answer(req, res, file);
  });
}

function answer(req: Request, res: Response, { type, plain, zipped }: ConsoleFile): void {
  const isZipped = req.acceptsEncodings(["gzip", "identity"]) === "gzip";
  res.set({
    "content-type": type,
    vary: "accept, accept-encoding",
    ...(isZipped ? { "content-encoding": "gzip" } : {}),
  });
  res.end(isZipped ? zipped : plain);
}

function filesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function fileIn(folder: string, name: string): ConsoleFile | undefined {
  const type = TYPES[extname(name)];
  const path = join(folder, name);
  if (type === undefined || !existsSync(path)) return undefined;
  const plain = readFileSync(path);
  return { type, plain, zipped: gzipSync(plain, { level: 9 }) };
}
