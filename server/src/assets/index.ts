/**
 * Owns the register of hosts, services and people: read from CSV and LDAP, learned from events, kept in memory for whoever asks.
 * Refuses to judge alerts: it only says what a thing is worth. Promises that a lookup is synchronous, that every import can be undone,
 * and that what people said is never overwritten by what was learned.
 */
export { AssetLearner } from "./asset-learner.ts";
export { AssetRegister } from "./asset-register.ts";
export { readAssetCsv } from "./read-csv.ts";
export { readDirectory } from "./read-directory.ts";
export type { DirectoryQuestion } from "./read-directory.ts";
