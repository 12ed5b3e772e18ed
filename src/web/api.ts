// The application behind the guard: the page's files and the modules of routes, as one Hono app that knows no socket.
// A module is a Hono app with complete paths (`/api/shares/:id`); its exceptions become Failures (contract.ts) here.

import { type Context, Hono } from "hono";
import { AppError } from "../app/errors.ts";
import { isPliError } from "../engine/mod.ts";
import type { Failure } from "./contract.ts";
import { WebError } from "./errors.ts";

/** For errors of the engine and the app: the request was understood and could not be fulfilled. */
const UNMET = 422;

/** Joins modules of routes. A defect is passed to `onFault`; the page gets only a code for it. */
export function composeApp(modules: readonly Hono[], onFault: (error: unknown) => void = () => {}): Hono {
  const app = new Hono();
  for (const module of modules) app.route("/", module);
  app.notFound((context) => answer(context, new WebError("route_unknown", {})));
  app.onError((error, context) => {
    if (error instanceof WebError) return answer(context, error);
    if (isPliError(error) || error instanceof AppError) return context.json(failureOf(error), UNMET);
    onFault(error);
    return answer(context, new WebError("internal", {}));
  });
  return app;
}

function answer(context: Context, error: WebError): Response {
  return context.json(failureOf(error), error.status);
}

function failureOf({ code, parameters }: { code: string; parameters: object }): Failure {
  return { code, parameters: { ...parameters } };
}
