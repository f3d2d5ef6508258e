export * from "./catalogue.ts";
export * from "./closed-lists.ts";
export { COLUMN_NAMES } from "./columns.ts";
