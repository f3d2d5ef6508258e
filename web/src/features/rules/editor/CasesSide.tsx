import type { RuleCheck } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { failureOf, Button, Field, LogText, TextInput, useToasts } from "../../../ui/index.ts";
import { Verdict } from "../RuleCases.tsx";
import css from "./Editor.module.css";
import { useAddCase } from "./use-add-case.ts";
import { YamlEditor } from "./YamlEditor.tsx";

interface CasesSideProps {
  readonly cases: string;
  readonly check: RuleCheck | undefined;
  readonly onEdit: (cases: string) => void;
}

/** Events that the rule must and must not match, and how they go now. */
export function CasesSide({ cases, check, onEdit }: CasesSideProps): ReactNode {
  const [event, setEvent] = useState("");
  const toasts = useToasts();
  const add = useAddCase({ cases, onEdit });
  const from = (isMatch: boolean) =>
    void add(event.trim(), isMatch)
      .then(() => setEvent(""))
      .catch((error: unknown) => toasts.show({ tone: "error", message: failureOf(error).message }));
  return (
    <div className={css["sideBody"]}>
      <ul className={css["verdicts"]} aria-label="How the cases go">
        {(check?.cases ?? []).map((one, index) => (
          <li key={index}>
            <Verdict isTrue={one.passed} words={["Passed", "Failed"]} />
            <span>
              <LogText text={one.name} limit={200} isExpandable={false} />{" "}
              <span className="muted">
                {one.passed ? (
                  one.expected === 0 ? (
                    "does not match"
                  ) : (
                    "matches"
                  )
                ) : (
                  <LogText text={one.failure ?? ""} />
                )}
              </span>
            </span>
          </li>
        ))}
        {check?.caseProblems.map((problem, index) => (
          <li key={`problem ${index}`}>
            <Verdict isTrue={false} words={["", "Problem"]} />
            <span>
              Line {problem.line}: <LogText text={problem.message} />
            </span>
          </li>
        ))}
      </ul>
      {cases.trim() === "" && (
        <p className="muted">
          No case yet. A rule wants one that matches and a near miss that does not: take both from stored
          events, here or from a backtest's samples.
        </p>
      )}
      <div className={css["addCase"]}>
        <Field label="A stored event's id">
          {(control) => (
            <TextInput
              {...control}
              isMono
              value={event}
              onChange={(change) => setEvent(change.target.value)}
            />
          )}
        </Field>
        <Button disabled={event.trim() === ""} onClick={() => from(true)}>
          Must match
        </Button>
        <Button disabled={event.trim() === ""} onClick={() => from(false)}>
          Must not match
        </Button>
      </div>
      <div className={css["casesText"]}>
        <YamlEditor
          label="Cases in YAML"
          value={cases}
          onEdit={onEdit}
          problems={check?.caseProblems ?? []}
          fields={["name", "expect", "events", "fields", "pack", "at", "times", "every"]}
        />
      </div>
    </div>
  );
}
