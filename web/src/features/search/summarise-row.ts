import { textOfValue } from "../events/field-values.ts";
import { fieldsOfRow, type ResultRow, type ResultShape } from "./result-shape.ts";

/** One readable line for an event row; empty when its fields say nothing that the record does not. */
export function summariseRow(shape: ResultShape, row: ResultRow): string {
  return textOfValue(fieldsOfRow(shape, row)["message"]);
}
