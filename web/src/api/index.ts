/**
 * Owns the conversation with the server: one client, and a query hook per question. Refuses to know about screens.
 * Promises that every failure is an `ApiError`.
 */
export * from "./access.ts";
export * from "./alerts.ts";
export * from "./assets.ts";
export { ApiClient, ApiError, type ErrorPlace } from "./client.ts";
export { ApiContext, useApi } from "./context.ts";
export * from "./connections.ts";
export * from "./coverage.ts";
export * from "./exceptions.ts";
export * from "./dashboards.ts";
export * from "./filters.ts";
export * from "./first-event.ts";
export * from "./monitoring.ts";
export * from "./parse-again.ts";
export * from "./query-editor.ts";
export * from "./exports.ts";
export * from "./rules.ts";
export * from "./saved-searches.ts";
export * from "./search-insight.ts";
export * from "./search.ts";
export * from "./triage.ts";
