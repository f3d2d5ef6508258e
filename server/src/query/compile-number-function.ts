import { joinSql, param, sql, type BoundQuery } from "./bound-query.ts";
import { asDatetime, asNumber } from "./engine-value.ts";
import type { Arguments, Emitter } from "./function-arguments.ts";
import type { NumberFunction } from "./function-names.ts";

const number = (call: Arguments, index: number): BoundQuery =>
  asNumber(call.value(index), call.type === "real" ? "real" : "long");
/** What is no number is null: the engine's NaN has no place in JSON. */
const real = (query: BoundQuery): BoundQuery => sql`if(isFinite(${query}), ${query}, NULL)`;

export const NUMBER_EMITTERS: Readonly<Record<NumberFunction, Emitter>> = {
  abs: (call) => call.result(sql`abs(${number(call, 0)})`),
  binary_and: (call) => call.result(sql`bitAnd(${call.whole(0)}, ${call.whole(1)})`),
  binary_or: (call) => call.result(sql`bitOr(${call.whole(0)}, ${call.whole(1)})`),
  binary_shift_left: (call) => call.result(sql`bitShiftLeft(${call.whole(0)}, ${call.whole(1)})`),
  binary_shift_right: (call) => call.result(sql`bitShiftRight(${call.whole(0)}, ${call.whole(1)})`),
  binary_xor: (call) => call.result(sql`bitXor(${call.whole(0)}, ${call.whole(1)})`),
  ceiling: (call) => call.result(call.type === "real" ? sql`ceil(${call.real(0)})` : call.whole(0)),
  exp: (call) => call.result(sql`exp(${call.real(0)})`),
  isfinite: (call) => call.result(sql`ifNull(isFinite(${call.real(0)}), false) = 1`, false),
  isinf: (call) => call.result(sql`ifNull(isInfinite(${call.real(0)}), false) = 1`, false),
  isnan: (call) => call.result(sql`ifNull(isNaN(${call.real(0)}), false) = 1`, false),
  log: (call) => call.result(real(sql`log(${call.real(0)})`)),
  log10: (call) => call.result(real(sql`log10(${call.real(0)})`)),
  log2: (call) => call.result(real(sql`log2(${call.real(0)})`)),
  max_of: (call) => extreme(call, sql`'maxOrNull'`),
  min_of: (call) => extreme(call, sql`'minOrNull'`),
  pow: (call) => call.result(sql`pow(${call.real(0)}, ${call.real(1)})`),
  // Each row has a number of its own; without the row's number the engine would fold it into one.
  rand: (call) =>
    call.count === 0
      ? call.result(sql`(rand() / 4294967296)`, false)
      : call.result(sql`toFloat64(rand() % ${param("UInt64", Math.max(1, call.constantNumber(0)))})`, false),
  round: (call) => {
    // Halves go away from 0, as in Kusto; the engine's own function takes the even neighbour.
    const scale = param("Float64", 10 ** Math.max(-15, Math.min(15, call.constantNumber(1, 0))));
    return call.result(
      sql`(sign(${call.real(0)}) * floor(abs(${call.real(0)}) * ${scale} + 0.5) / ${scale})`,
    );
  },
  sign: (call) => call.result(sql`sign(${number(call, 0)})`),
  sqrt: (call) => call.result(real(sql`sqrt(${call.real(0)})`)),
};

/** The largest or smallest of the arguments that are there. */
function extreme(call: Arguments, which: BoundQuery): ReturnType<Emitter> {
  const values = call.values().map((value) => {
    if (call.type === "datetime") return asDatetime(value);
    if (call.type === "string") return value.sql;
    return asNumber(value, call.type === "real" ? "real" : "long");
  });
  return call.result(sql`arrayReduce(${which}, arrayFilter(e -> isNotNull(e), [${joinSql(values, ", ")}]))`);
}
