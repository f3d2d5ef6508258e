/**
 * Owns HTTP: it authenticates, validates, calls one module and maps errors. Refuses to hold logic of the modules behind it, and to
 * serve anyone without a credential more than health, login and the console's own files. Promises the contract in `domain`'s
 * `api` folder, described by itself at `/api/v1/openapi.json`.
 */
export { createApi, createIngestListener } from "./create-api.ts";
export type { DashboardContent } from "./dashboard-content.ts";
export { LiveHub } from "./live-hub.ts";
export type { ListenAddress, Listener } from "./listener.ts";
export type * from "./dependencies.ts";
export { adoptAdminToken, createApiToken } from "./access/api-tokens.ts";
export type { NewToken, TokenMaking } from "./access/api-tokens.ts";
export { TokenRates } from "./access/token-rates.ts";
export { SetupToken } from "./access/setup-token.ts";
export type { Random } from "./access/secrets.ts";
