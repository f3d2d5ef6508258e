import { getRouteApi, Link, Navigate } from "@tanstack/react-router";
import { type ReactNode, useRef, useState } from "react";
import { Empty, Page, TextInput, useCommands, useMay } from "../../ui/index.ts";
import { TokensPage } from "../tokens/TokensPage.tsx";
import { AlarmsSection } from "./AlarmsSection.tsx";
import { AlertHandlingSection } from "./AlertHandlingSection.tsx";
import { AuditSection } from "./AuditSection.tsx";
import { EncryptionSection } from "./EncryptionSection.tsx";
import { ProfileSection } from "./ProfileSection.tsx";
import { RetentionSection } from "./RetentionSection.tsx";
import { RolesSection } from "./RolesSection.tsx";
import { findSections, SECTIONS, type Section, type SectionKey } from "./sections.ts";
import css from "./Settings.module.css";
import { SystemSection } from "./SystemSection.tsx";
import { UsersSection } from "./UsersSection.tsx";

const route = getRouteApi("/settings/$section");

/** The first section that one may see: one's own. */
export function SettingsStart(): ReactNode {
  return <Navigate to="/settings/$section" params={{ section: "profile" }} replace />;
}

export function ToTokens(): ReactNode {
  return <Navigate to="/settings/$section" params={{ section: "tokens" }} replace />;
}

const CONTENT: Readonly<Record<SectionKey, () => ReactNode>> = {
  profile: ProfileSection,
  users: UsersSection,
  roles: RolesSection,
  tokens: TokensPage,
  audit: AuditSection,
  retention: RetentionSection,
  alerts: AlertHandlingSection,
  alarms: AlarmsSection,
  encryption: EncryptionSection,
  system: SystemSection,
};

/** Everything that is set here, in a list at the side. What one may not see is not in it. */
export function SettingsPage(): ReactNode {
  const { section: asked } = route.useParams();
  const may = useMay();
  const section = SECTIONS.find(({ key }) => key === asked);
  const needs: Section["needs"] = section === undefined || !("needs" in section) ? undefined : section.needs;
  const Content = section === undefined ? undefined : CONTENT[section.key];
  return (
    <div className={css["settings"]}>
      <SideList />
      <div className={css["section"]}>
        {section === undefined || Content === undefined ? (
          <Page title="Settings">
            <Empty title="There is no such section">The list at the side has all that there are.</Empty>
          </Page>
        ) : may(needs) ? (
          <Content />
        ) : (
          <Page title={section.name}>
            <Empty title="Your role does not show this">
              {section.name} needs the permission {needs}. An administrator can give you a role that has it.
            </Empty>
          </Page>
        )}
      </div>
    </div>
  );
}

const GROUPS = ["You", "People", "Operation"] as const;

function SideList(): ReactNode {
  const may = useMay();
  const input = useRef<HTMLInputElement>(null);
  const [words, setWords] = useState("");
  useCommands([
    {
      id: "focus-settings",
      label: "Find a setting",
      group: "This page",
      keys: ["/"],
      run: () => input.current?.focus(),
    },
  ]);
  const seen = SECTIONS.filter((one) => may("needs" in one ? one.needs : undefined));
  const found = findSections(seen, words);
  return (
    <nav className={css["side"]} aria-label="Settings">
      <TextInput
        ref={input}
        type="search"
        aria-label="Find a setting"
        placeholder="Find a setting…"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      {GROUPS.map((group) => {
        const members = found.filter((one) => one.group === group);
        return members.length === 0 ? null : (
          <div key={group}>
            <div className={css["group"]}>{group}</div>
            {members.map(({ key, name }) => (
              <Link
                key={key}
                to="/settings/$section"
                params={{ section: key }}
                activeProps={{ "aria-current": "page" }}
              >
                {name}
              </Link>
            ))}
          </div>
        );
      })}
      {found.length === 0 && <p className="muted small">Nothing here is called that.</p>}
    </nav>
  );
}
