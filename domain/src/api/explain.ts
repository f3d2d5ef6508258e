import Type from "typebox";

/** What a part of a rule's condition is called: its selection, the selector as written (`1 of sel*`), or the filter that it came with. */
export interface PartName {
  readonly kind: "selection" | "selector" | "filter";
  readonly text: string;
}

/** One line of a selection, asked of one event. */
export interface ExplainedItem {
  readonly kind: "item";
  readonly name?: PartName;
  readonly isMet: boolean;
  /** The verdict rests on it. */
  readonly decides: boolean;
  /** Null = keywords: any value of the event. */
  readonly field: string | null;
  /** Joined by `|`; empty for plain equality. */
  readonly modifiers: string;
  /** Whether all of the wanted values must be there, or one is enough. */
  readonly needs: "any" | "all";
  /** `neq`: met when the values are not there. */
  readonly isNegated: boolean;
  /** Names under which the field is looked for, best first; empty for keywords. */
  readonly lookedAt: readonly string[];
  /** The first of them that the event has. */
  readonly foundAt: string | null;
  readonly state: "absent" | "null" | "present";
  /** The event's values, cut; the first few. */
  readonly seen: readonly string[];
  readonly seenCount: number;
  /** The rule's values, those that say most first; a few. */
  readonly wanted: readonly { readonly text: string; readonly isThere: boolean }[];
  readonly wantedCount: number;
}

export interface ExplainedBranch {
  readonly kind: "and" | "or" | "not";
  readonly name?: PartName;
  readonly isMet: boolean;
  readonly decides: boolean;
  /** In the rule's order; `not` has one. */
  readonly of: readonly ExplainedPart[];
  /** Further parts, left out because there are too many. */
  readonly omitted: number;
}

export type ExplainedPart = ExplainedItem | ExplainedBranch;

/** One thing that a logsource asks of an event. */
export interface FactCheck {
  /** As `logsource/` names it: `pack`, `channel`, `category` and so on. */
  readonly fact: string;
  readonly wanted: readonly string[];
  /** Empty when the event says nothing of it. */
  readonly has: string;
  readonly isMet: boolean;
}

export interface ExplainedGate {
  readonly isOpen: boolean;
  /** What the event says of its own logsource, which outranks all that can be read from it. */
  readonly declared: string | null;
  /** What else is known of the event; only what there is. */
  readonly facts: readonly { readonly fact: string; readonly value: string }[];
  readonly parts: readonly {
    readonly part: "product" | "category" | "service";
    readonly name: string;
    readonly isMet: boolean;
    /** Any of these, each with all of its checks; those that come nearest first. */
    readonly options: readonly (readonly FactCheck[])[];
  }[];
}

interface ExplanationHead {
  readonly rule: { readonly id: string; readonly title: string };
  readonly event: { readonly id: string; readonly timestamp: string; readonly pack: string };
  /** A rule over single events matches the event; of a correlation: the event is in what it found. */
  readonly isMatch: boolean;
  /** The verdict in a sentence. */
  readonly reason: string;
}

export interface EventExplanation extends ExplanationHead {
  readonly kind: "event";
  readonly gate: ExplainedGate;
  readonly condition: ExplainedPart;
}

/** Hits of one group in the window around the event. */
export interface ExplainedWindow {
  readonly from: string;
  readonly to: string;
  readonly hits: number;
  /** What the correlation counts or computes over them. */
  readonly measured: number;
  readonly isMet: boolean;
  /** False: more hits may still come into it, and it is judged only then. */
  readonly isClosed: boolean;
}

export interface ExplainedStep {
  readonly rule: string;
  readonly hits: number;
  /** It is there, and of an order: after all steps before it. */
  readonly isSeen: boolean;
}

export interface ExplainedGroup {
  /** Empty for the group of everything. */
  readonly group: readonly { readonly field: string; readonly value: string }[];
  /**
   * `counted`: among its hits · `sealed`: was counted, and is kept as a part of a finding only · `late`: came too late ·
   * `forgotten`: its time is no longer kept · `over-cap`: the group is full · `unseen`: the engine has not seen the event.
   */
  readonly role: "counted" | "sealed" | "late" | "forgotten" | "over-cap" | "unseen";
  /** All that are kept. */
  readonly hits: number;
  readonly window: ExplainedWindow | null;
  /** Of temporal types. */
  readonly steps: readonly ExplainedStep[];
  /** The finding's key, when the correlation raises findings. */
  readonly finding: string | null;
  readonly isMatch: boolean;
  readonly reason: string;
}

export interface CorrelationExplanation extends ExplanationHead {
  readonly kind: "correlation";
  /** What it asks for: `event_count gte 5 within 5m by source.ip`. */
  readonly asks: string;
  readonly members: readonly Explanation[];
  /** Fields that it groups by or measures and that the event lacks, and where they were looked for. */
  readonly missing: readonly { readonly field: string; readonly lookedAt: readonly string[] }[];
  readonly groups: readonly ExplainedGroup[];
}

/** Why an event did or did not match a rule. */
export type Explanation = EventExplanation | CorrelationExplanation;

const OPEN = { additionalProperties: true };

export const ExplanationSchema = Type.Unsafe<Explanation>(
  Type.Object(
    {
      kind: Type.Union([Type.Literal("event"), Type.Literal("correlation")]),
      rule: Type.Object({ id: Type.String(), title: Type.String() }),
      event: Type.Object({ id: Type.String(), timestamp: Type.String(), pack: Type.String() }),
      isMatch: Type.Boolean(),
      reason: Type.String({ description: "The verdict in a sentence" }),
      gate: Type.Optional(
        Type.Object(
          { isOpen: Type.Boolean() },
          { ...OPEN, description: "Whether the logsource admits the event" },
        ),
      ),
      condition: Type.Optional(
        Type.Object(
          { kind: Type.String(), isMet: Type.Boolean(), decides: Type.Boolean() },
          { ...OPEN, description: "A tree of and, or, not (their parts in `of`) and items" },
        ),
      ),
      asks: Type.Optional(
        Type.String({ description: "Of a correlation: type, bounds, timespan and group-by" }),
      ),
      members: Type.Optional(
        Type.Array(
          Type.Object(
            {},
            { ...OPEN, description: "An explanation like this one, of a rule that is counted" },
          ),
        ),
      ),
      missing: Type.Optional(
        Type.Array(Type.Object({ field: Type.String(), lookedAt: Type.Array(Type.String()) })),
      ),
      groups: Type.Optional(
        Type.Array(
          Type.Object({ role: Type.String(), isMatch: Type.Boolean(), reason: Type.String() }, OPEN),
        ),
      ),
    },
    { additionalProperties: false },
  ),
);

export const ExplainBodySchema = Type.Object(
  {
    ruleId: Type.Optional(
      Type.String({ minLength: 1, maxLength: 400, description: "A loaded rule, or one of those in `yaml`" }),
    ),
    yaml: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200_000, description: "Rules that need not be loaded" }),
    ),
    event: Type.Union([
      Type.String({ minLength: 1, maxLength: 64, description: "A stored event's id" }),
      Type.Record(Type.String(), Type.Unknown(), { description: "Fields of an event, ECS or Sigma's names" }),
    ]),
    pack: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        description: "With fields: the pack that would have read them",
      }),
    ),
  },
  { additionalProperties: false },
);
export type ExplainBody = Type.Static<typeof ExplainBodySchema>;

/** How a loaded rule's own cases went when they were run for this answer. */
export const RuleTestSchema = Type.Object({
  passed: Type.Integer(),
  failed: Type.Integer(),
  cases: Type.Array(
    Type.Object({
      name: Type.String(),
      passed: Type.Boolean(),
      failure: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
  /** What is wrong with the case file itself. */
  problems: Type.Array(Type.String()),
});
export type RuleTest = Type.Static<typeof RuleTestSchema>;
