/**
 * Owns the nouns (RawRecord → Event → Finding → Alert), their ids, the field catalogue, the error catalogue and the API
 * contract. Refuses I/O, state, clocks and randomness. Promises that everything exported is immutable.
 */
export * from "./alert.ts";
export * from "./api/index.ts";
export * from "./assert.ts";
export * from "./asset.ts";
export * from "./async-items.ts";
export * from "./brand.ts";
export * from "./column-header.ts";
export * from "./csv-cell.ts";
export * from "./coverage-cells.ts";
export * from "./diagnostic.ts";
export * from "./errors.ts";
export * from "./event.ts";
export * from "./event-summary.ts";
export * from "./fields/index.ts";
export * from "./finding.ts";
export * from "./finding-weight.ts";
export * from "./fold-case.ts";
export * from "./ids.ts";
export * from "./lane.ts";
export * from "./ledger.ts";
export * from "./micros.ts";
export * from "./password.ts";
export * from "./permission.ts";
export * from "./raw-record.ts";
export * from "./severity.ts";
export * from "./story.ts";
export * from "./syslog-header.ts";
export * from "./tls-identity.ts";
