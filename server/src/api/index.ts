/**
 * Owns HTTP: it authenticates, validates, calls one module and maps errors. Refuses to hold logic of the modules behind it, and to
 * serve anyone without a credential more than health, login and the console's own files. Promises the contract in `domain`'s
 * `api` folder, described by itself at `/api/v1/openapi.json`.
 */
export { createApi, createIngestListener } from "./create-api.ts";
export type { DashboardContent } from "./dashboard-content.ts";
export { LiveHub } from "./live-hub.ts";
export type { ListenAddress, Listener } from "./listener.ts";
export type * from "./access-ports.ts";
export type * from "./coverage-ports.ts";
export type * from "./dependencies.ts";
export type * from "./own-rules-port.ts";
export { adoptAdminToken, createApiToken } from "./access/api-tokens.ts";
export type { NewToken, TokenMaking } from "./access/api-tokens.ts";
export { TokenRates } from "./access/token-rates.ts";
export { RoleBook } from "./access/role-book.ts";
export { makePasswordLink } from "./access/password-link.ts";
export { noSuchUser, refuseUsername } from "./access/usernames.ts";
export { userView } from "./views/user-view.ts";
export { SetupToken } from "./access/setup-token.ts";
export type { Random } from "./access/secrets.ts";
