import type { RequestHandler, Router } from "express";
import { pathToRegexp } from "path-to-regexp";
import { ApiError } from "./api-error.ts";

/**
 * Refuses what no route takes: 405 at a path that has other methods, with `Allow`; 404 elsewhere. Reads the routes
 * themselves, so that a new one is listed nowhere else.
 */
export function unrouted(routers: readonly Router[]): RequestHandler {
  const routes = routers.flatMap(routesOf);
  return (req, res) => {
    const methods = new Set(routes.flatMap(({ path, methods }) => (path.test(req.path) ? methods : [])));
    if (methods.size === 0)
      throw new ApiError("not_found", "There is nothing at this path; GET /docs lists every call.");
    res.set("allow", [...methods].join(", "));
    throw new ApiError("method_not_allowed", `This path takes ${[...methods].join(", ")}, not ${req.method}.`);
  };
}

interface KnownRoute {
  readonly path: RegExp;
  readonly methods: readonly string[];
}

function routesOf(router: Router): readonly KnownRoute[] {
  return router.stack.flatMap(({ route }) => {
    if (route === undefined) return [];
    const methods = route.stack.map(({ method }) => method.toUpperCase());
    const all = methods.includes("GET") ? [...methods, "HEAD"] : methods;
    return [{ path: pathToRegexp(route.path).regexp, methods: all }];
  });
}
