import type { RuleBody, RuleTest } from "@tyto/domain";
import { IconCheck, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useRuleTest } from "../../api/index.ts";
import { Button, ErrorNote, formatAmount, LogText } from "../../ui/index.ts";
import css from "./Rules.module.css";

/** The rule's own cases: how they went when it was loaded, and how they go now. */
export function RuleCases({ rule }: { readonly rule: RuleBody }): ReactNode {
  const test = useRuleTest(rule.id);
  const counts = test.data ?? rule.cases;
  const hasCases = rule.cases.passed + rule.cases.failed > 0;
  return (
    <section className={css["cases"]} aria-label="Cases">
      <div className={css["casesHead"]}>
        <h3>Cases</h3>
        <span className="muted" role="status">
          {hasCases ? countsText(counts) : "none of its own"}
        </span>
        <span className="grow" />
        {hasCases && (
          <Button disabled={test.isPending} onClick={() => test.mutate()}>
            {test.isPending ? "Running…" : "Run cases"}
          </Button>
        )}
      </div>
      {test.error !== null && <ErrorNote error={test.error} />}
      {test.data !== undefined && <CaseList test={test.data} />}
    </section>
  );
}

function countsText({ passed, failed }: RuleBody["cases"]): string {
  const all = formatAmount(passed + failed, "case");
  return failed === 0 ? `${all}, all passed` : `${all}, ${failed} failed`;
}

function CaseList({ test }: { readonly test: RuleTest }): ReactNode {
  return (
    <ul>
      {test.cases.map((one, index) => (
        <li key={index}>
          <Verdict isTrue={one.passed} words={["Passed", "Failed"]} />
          <LogText text={one.name} />
          {one.failure !== null && (
            <span className={`${css["failure"] ?? ""} muted`}>
              <LogText text={one.failure} />
            </span>
          )}
        </li>
      ))}
      {test.problems.map((problem) => (
        <li key={problem}>
          <Verdict isTrue={false} words={["", "Problem"]} />
          <LogText text={problem} />
        </li>
      ))}
    </ul>
  );
}

interface VerdictProps {
  readonly isTrue: boolean;
  /** For those who do not see the sign: true, and false. */
  readonly words: readonly [string, string];
}

/** A tick or a cross, which colour alone never tells apart. */
export function Verdict({ isTrue, words }: VerdictProps): ReactNode {
  const Icon = isTrue ? IconCheck : IconX;
  return (
    <Icon
      size={16}
      role="img"
      aria-label={isTrue ? words[0] : words[1]}
      color={isTrue ? "var(--low)" : "var(--critical)"}
    />
  );
}
