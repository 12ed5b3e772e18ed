// The page's files as routes, by path. They are passed in; no other file is served.

import { Hono } from "hono";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  webmanifest: "application/manifest+json",
};

/** The media type of a file of the page. */
export function typeOf(path: string): string {
  return TYPES[path === "/" ? "html" : path.slice(path.lastIndexOf(".") + 1)];
}

/** The text of each file by its path; `/` is the document. */
export type PageFiles = Readonly<Record<string, string>>;

/** Routes for the page's files. */
export function pageRoutes(files: PageFiles): Hono {
  const routes = new Hono();
  for (const [path, text] of Object.entries(files)) {
    routes.get(path, (context) => context.body(text, 200, { "Content-Type": typeOf(path) }));
  }
  return routes;
}

/** The paths that need no token. */
export function pagePaths(files: PageFiles): ReadonlySet<string> {
  return new Set(Object.keys(files));
}
