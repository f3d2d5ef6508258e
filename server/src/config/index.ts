/**
 * Owns flags and environment → one frozen `Config`. Refuses to guess: a value that makes no sense is a Diagnostic with the flag's
 * name. Promises that nothing else reads the environment.
 */
export * from "./address.ts";
export * from "./config.ts";
export type * from "./encryption.ts";
export type * from "./streams.ts";
