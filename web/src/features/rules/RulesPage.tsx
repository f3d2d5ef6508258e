import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useRules } from "../../api/index.ts";
import { buttonClass, formatAmount, Page, type Tab, Tabs } from "../../ui/index.ts";
import { RuleListTab } from "./RuleListTab.tsx";
import type { RulesTab } from "./rules-url.ts";
import css from "./Rules.module.css";

const route = getRouteApi("/rules");

const TABS: readonly Tab<RulesTab>[] = [{ key: "rules", label: "Rules" }];

/** Every rule of the packs, and whether it runs. */
export function RulesPage(): ReactNode {
  const navigate = route.useNavigate();
  const { tab = "rules" } = route.useSearch();
  const { data } = useRules();
  const running = data?.filter((rule) => rule.status === "runnable").length ?? 0;
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
        </>
      }
    >
      <div className={css["tabbed"]}>
        <Tabs
          label="Parts of this page"
          className={css["tabs"]}
          value={tab}
          onChange={(next) => void navigate({ search: { tab: next } })}
          tabs={TABS}
        />
        <TabContent tab={tab} />
      </div>
    </Page>
  );
}

function TabContent({ tab }: { readonly tab: RulesTab }): ReactNode {
  switch (tab) {
    case "rules":
      return <RuleListTab />;
  }
}
