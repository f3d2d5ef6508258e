import type {
  CorrelationExplanation,
  ExplainedGroup,
  ExplainedItem,
  ExplainedPart,
  Explanation,
} from "@tyto/domain";
import type { ReactNode } from "react";
import { useExplanation } from "../../api/index.ts";
import { ErrorNote, formatAmount, LogText, Skeleton, Time } from "../../ui/index.ts";
import css from "./ExplanationTree.module.css";
import { Verdict } from "./RuleCases.tsx";

interface ExplanationTreeProps {
  readonly ruleId: string;
  readonly eventId: string;
}

/** Why an event matched a rule, condition by condition. */
export function ExplanationTree({ ruleId, eventId }: ExplanationTreeProps): ReactNode {
  const { data, error, refetch } = useExplanation(ruleId, eventId);
  if (error !== null) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={4} />;
  return (
    <section className={css["tree"]} aria-label="Why did this match?">
      <p className="muted">
        The first event, <Time value={data.event.timestamp} as="instant" />, read by {data.event.pack}
      </p>
      <Explained explanation={data} />
    </section>
  );
}

export function Explained({ explanation }: { readonly explanation: Explanation }): ReactNode {
  return (
    <>
      <Line isTrue={explanation.isMatch} isStrong>
        <LogText text={explanation.reason} />
      </Line>
      {explanation.kind === "event" ? (
        <ul>
          <li>
            <Line isTrue={explanation.gate.isOpen}>
              <span className="muted">logsource</span>{" "}
              <LogText text={explanation.gate.parts.map(({ part, name }) => `${part} ${name}`).join(", ")} />
            </Line>
          </li>
          <Part part={explanation.condition} />
        </ul>
      ) : (
        <Counted explanation={explanation} />
      )}
    </>
  );
}

function Counted({ explanation }: { readonly explanation: CorrelationExplanation }): ReactNode {
  return (
    <ul>
      <li>
        <span className="muted">asks for</span> <LogText text={explanation.asks} />
      </li>
      {explanation.groups.map((group, index) => (
        <Group key={index} group={group} />
      ))}
      {explanation.members.map((member, index) => (
        <li key={index}>
          <details open={member.isMatch}>
            <summary>
              <LogText text={member.rule.title} />
            </summary>
            <Explained explanation={member} />
          </details>
        </li>
      ))}
    </ul>
  );
}

function Group({ group }: { readonly group: ExplainedGroup }): ReactNode {
  const name = group.group.map(({ field, value }) => `${field} ${value}`).join(", ");
  return (
    <li>
      <Line isTrue={group.isMatch}>
        <span className="muted">group</span> <LogText text={name === "" ? "of everything" : name} />
      </Line>
      {group.window !== null && (
        <ul>
          <li>
            <Line isTrue={group.window.isMet}>
              {formatAmount(group.window.hits, "hit")}, measured {group.window.measured},{" "}
              <Time value={group.window.from} as="clock" /> to <Time value={group.window.to} as="clock" />
            </Line>
          </li>
          {group.steps.map((step, index) => (
            <li key={index}>
              <Line isTrue={step.isSeen}>
                {index + 1}. <LogText text={step.rule} />{" "}
                <span className="muted">{formatAmount(step.hits, "hit")}</span>
              </Line>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

const WORDS: Readonly<Record<"and" | "or" | "not", string>> = { and: "all of", or: "any of", not: "not" };

function Part({ part }: { readonly part: ExplainedPart }): ReactNode {
  return (
    <li className={part.decides ? "" : css["idle"]}>
      <Line isTrue={part.isMet}>
        {part.name !== undefined && (
          <b>
            <LogText text={part.name.kind === "filter" ? `filter ${part.name.text}` : part.name.text} />{" "}
          </b>
        )}
        {part.kind === "item" ? <Item item={part} /> : <span className="muted">{WORDS[part.kind]}</span>}
      </Line>
      {part.kind !== "item" && (
        <ul>
          {part.of.map((one, index) => (
            <Part key={index} part={one} />
          ))}
          {part.omitted > 0 && <li className="muted">and {part.omitted} more</li>}
        </ul>
      )}
    </li>
  );
}

function Item({ item }: { readonly item: ExplainedItem }): ReactNode {
  const wanted = item.wanted.map(({ text }) => text).join(item.needs === "all" ? " and " : " or ");
  const more =
    item.wantedCount > item.wanted.length ? ` and ${item.wantedCount - item.wanted.length} more` : "";
  const how = item.modifiers === "" ? "equals" : item.modifiers.replaceAll("|", " ");
  const other = item.foundAt !== null && item.foundAt !== item.field ? `${item.foundAt}: ` : "";
  return (
    <>
      <span className="mono">{item.field ?? "any value"}</span> <span className="muted">{how}</span>{" "}
      <span className="mono">
        <LogText text={wanted} limit={200} />
      </span>
      <span className="muted">{more}</span>
      <span className={css["seen"]}>
        {item.state === "present" ? (
          <>
            <span className="muted">has {other}</span>
            <span className="mono">
              <LogText text={item.seen.length === 0 ? "no such value" : item.seen.join(", ")} limit={200} />
            </span>
          </>
        ) : (
          <span className="muted">{item.state === "null" ? "is null" : "the event has no such field"}</span>
        )}
      </span>
    </>
  );
}

interface LineProps {
  readonly isTrue: boolean;
  readonly isStrong?: boolean;
  readonly children: ReactNode;
}

function Line({ isTrue, isStrong = false, children }: LineProps): ReactNode {
  return (
    <div className={`${css["line"] ?? ""} ${isStrong ? (css["strong"] ?? "") : ""}`}>
      <Verdict isTrue={isTrue} words={["True:", "False:"]} />
      <span>{children}</span>
    </div>
  );
}
