import Type from "typebox";

/** What an editor of KQL asks. Offsets are UTF-16, as an editor counts them. */
const text = Type.String({ maxLength: 16_384 });
const at = Type.Integer({ minimum: 0, maximum: 16_384 });

export const SpanSchema = Type.Object({ start: Type.Integer(), end: Type.Integer() });

export const QueryTextBodySchema = Type.Object({ kql: text }, { additionalProperties: false });
export type QueryTextBody = Type.Static<typeof QueryTextBodySchema>;

/** `variables`: names, with their underscore, that a dashboard gives values to; those in `lists` are lists. */
export const QueryCheckBodySchema = Type.Object(
  {
    kql: text,
    variables: Type.Optional(
      Type.Array(
        Type.Object({ name: Type.String({ pattern: "^_[a-z][a-z0-9_]{0,39}$" }), isList: Type.Boolean() }),
        {
          maxItems: 12,
        },
      ),
    ),
  },
  { additionalProperties: false },
);
export type QueryCheckBody = Type.Static<typeof QueryCheckBodySchema>;

export const QueryPlaceBodySchema = Type.Object({ kql: text, at }, { additionalProperties: false });
export type QueryPlaceBody = Type.Static<typeof QueryPlaceBodySchema>;

/** Everything that keeps the text from running; empty when nothing does. */
export const QueryCheckSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      code: Type.String(),
      message: Type.String(),
      hint: Type.Union([Type.String(), Type.Null()]),
      span: SpanSchema,
    }),
  ),
});
export type QueryCheck = Type.Static<typeof QueryCheckSchema>;

/** Best first; each goes in place of `span`. */
export const QueryCompletionsSchema = Type.Object({
  items: Type.Array(
    Type.Object({ label: Type.String(), kind: Type.String(), insert: Type.String(), detail: Type.String() }),
  ),
  span: SpanSchema,
});
export type QueryCompletions = Type.Static<typeof QueryCompletionsSchema>;

/** Plain text; empty when nothing is known of what stands there. */
export const QueryHoverSchema = Type.Object({ text: Type.String(), span: SpanSchema });
export type QueryHover = Type.Static<typeof QueryHoverSchema>;

/** The same text with other blanks. */
export const FormattedQuerySchema = Type.Object({ kql: Type.String() });
export type FormattedQuery = Type.Static<typeof FormattedQuerySchema>;
