import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useRules } from "../../api/index.ts";
import { buttonClass, formatAmount, Page } from "../../ui/index.ts";
import { RuleActions } from "./RuleActions.tsx";
import { RuleListPart } from "./RuleList.tsx";

/** Every rule, packaged and own, and whether it runs. */
export function RulesPage(): ReactNode {
  const { data } = useRules();
  const running =
    data?.filter((rule) => rule.enabled && (rule.status === "runnable" || rule.status === "needs-field"))
      .length ?? 0;
  return (
    <Page
      title="Rules"
      layout="full"
      note={data === undefined ? "" : `${formatAmount(data.length, "rule")} · ${running} running`}
      actions={
        <>
          <Link to="/coverage" className={buttonClass()}>
            Coverage
          </Link>
          <Link to="/exceptions" className={buttonClass()}>
            Exceptions
          </Link>
          <RuleActions />
        </>
      }
    >
      <RuleListPart />
    </Page>
  );
}
