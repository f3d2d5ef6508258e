import fc from "fast-check";
import { eventId, micros, originId, sequence, sourceId } from "@tyto/domain";
import type { Event, FieldValue } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { FieldNumbers } from "./field-numbers.ts";
import { MatchScratch } from "./scratch.ts";

const NAMES = ["a", "b.c", "d", "tyto.own"] as const;

function eventOf(fields: Readonly<Record<string, FieldValue>>, raw: string): Event {
  const origin = originId("00000000000000aa");
  return {
    id: eventId(origin, 0),
    sequence: sequence(1),
    source: sourceId("00000000000000bb"),
    timestamp: micros(0),
    timeOrigin: "event",
    ingested: micros(0),
    pack: "unknown",
    fields,
    raw: new TextEncoder().encode(raw),
  };
}

const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.constantFrom("", "é", "plain", "\u212aelvin", "long ſ", "😀", "a".repeat(5_000)),
);

describe("an event's texts as bytes", () => {
  it("stand where they are said to, event after event, whether fields or keywords are asked first", () => {
    const numbers = new FieldNumbers();
    const [a, b] = [numbers.numberOf("a"), numbers.numberOf("b.c")];
    const scratch = new MatchScratch(numbers);
    const textOf = ({ start, end }: { readonly start: number; readonly end: number }): string =>
      Buffer.from(scratch.texts.bytes.bytes.subarray(start, end)).toString("utf8");
    // What folds to ASCII is written folded: the rest as it came.
    const written = (value: string): string =>
      /[\u212a\u017f]/.test(value) ? value.toLowerCase().replaceAll("ſ", "s") : value;
    fc.assert(
      fc.property(fc.tuple(text, text, text, text), text, fc.boolean(), (values, raw, isFieldFirst) => {
        const fields = Object.fromEntries(NAMES.map((name, n) => [name, values[n] ?? ""]));
        scratch.begin(eventOf(fields, raw));
        const places = (): readonly string[] =>
          [a, b].map((number) => {
            const found = scratch.reader.value(number);
            const value = typeof found === "string" ? found : "";
            const place = scratch.texts.place(number, value);
            expect(place.start % 4).toBe(0);
            expect(place.isPlain).toBe(/^[\0-\x7f]*$/.test(value));
            return textOf(place);
          });
        const expected = [values[0], values[1]].map(written);
        if (isFieldFirst) expect(places()).toEqual(expected);
        const all = scratch.texts.keywords();
        const found = textOf(all)
          .split("\0")
          .filter((part) => part !== "");
        const isJson = /^[{[]/.test(raw);
        const sought = [...(isJson ? [] : [raw]), values[0], values[1], values[2]].filter(
          (one) => one !== "",
        );
        expect(found).toEqual(
          sought
            .map(written)
            .flatMap((one) => one.split("\0"))
            .filter((part) => part !== ""),
        );
        expect(all.foreign).toEqual(sought.filter((one) => !/^[\0-\x7f]*$/.test(one)));
        expect(places()).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });
});
