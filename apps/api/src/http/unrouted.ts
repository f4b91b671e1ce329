import type { RequestHandler, Router } from "express";
import { pathToRegexp } from "path-to-regexp";
import { ApiError } from "./api-error.ts";

/**
 * Answers requests that no route matches: 405 with `Allow` if the path has other methods, otherwise 404. It reads the routes themselves, so
 * new ones need no second list.
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
