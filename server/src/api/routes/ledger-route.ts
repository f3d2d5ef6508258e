import { LedgerHoursSchema, MICROS_PER_DAY, TytoError } from "@tyto/domain";
import Type from "typebox";
import type { ApiDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";
import { chooseSources } from "../source-choice.ts";
import { readTimeRange } from "../time-range.ts";
import { ledgerView, stepsIn, wholeSteps } from "../views/ledger-view.ts";

const LedgerQuerySchema = Type.Object(
  {
    from: Type.Optional(Type.String({ maxLength: 64, description: "By receipt; a day ago without it" })),
    to: Type.Optional(Type.String({ maxLength: 64, description: "Exclusive; now without it" })),
    source: Type.Optional(
      Type.String({ minLength: 1, maxLength: 300, description: "A source's id or name; all without it" }),
    ),
    by: Type.Optional(Type.Union([Type.Literal("hour"), Type.Literal("day")])),
  },
  { additionalProperties: false },
);

/** A month of hours, or more days than are kept. */
const MAX_STEPS = 750;

/** The books by hour of receipt. */
export function addLedgerRoute(app: HttpServer, { control, ledger, now }: ApiDependencies): void {
  app.get(
    "/api/v1/sources/ledger",
    {
      config: { access: "sources.read", refuses: [404] },
      schema: {
        summary: "The books by hour or day of receipt: received = stored + filtered + quarantined + queued",
        tags: ["operation"],
        querystring: LedgerQuerySchema,
        response: { 200: LedgerHoursSchema },
      },
    },
    async ({ query }) => {
      const { by = "hour", source } = query;
      const at = now();
      const asked = readTimeRange(query, { part: "query", now: at, defaultMicros: MICROS_PER_DAY });
      const range = wholeSteps(asked, by);
      if (stepsIn(range, by) > MAX_STEPS) {
        throw new TytoError("bad-request", `The range has more than ${MAX_STEPS} ${by}s`, {
          hint: by === "hour" ? "Ask for a shorter one, or for days: by=day." : "Ask for a shorter one.",
        });
      }
      const sources = source === undefined ? undefined : chooseSources(await control.sources(), source);
      const hours = await control.hours({ ...range, ...(sources === undefined ? {} : { sources }) });
      const queued = ledger
        .accounts()
        .filter((account) => sources === undefined || sources.includes(account.source))
        .reduce((sum, account) => sum + account.queued, 0);
      return ledgerView(hours, { range, by, queued, now: at });
    },
  );
}
