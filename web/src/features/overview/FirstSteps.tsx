import type { Overview } from "@tyto/domain";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { formatCount } from "../../ui/index.ts";
import css from "./Overview.module.css";

type Step = Overview["checklist"][number]["step"];

interface StepText {
  readonly title: string;
  readonly todo: string;
  readonly link?: { readonly to: "/sources" | "/search" | "/rules" | "/alerts"; readonly label: string };
}

const STEPS: Readonly<Record<Step, StepText>> = {
  "create-account": { title: "Create the account", todo: "The first person in owns this Tyto." },
  "connect-source": {
    title: "Connect a source",
    todo: "Point rsyslog, logger or curl at this machine.",
    link: { to: "/sources", label: "How to connect" },
  },
  "see-event": {
    title: "See the first event",
    todo: "It is searchable a second or two after it arrives.",
    link: { to: "/search", label: "Search" },
  },
  "load-rules": {
    title: "Load rules",
    todo: "The packs bring theirs; they run on every event.",
    link: { to: "/rules", label: "Rules" },
  },
  "see-alert": {
    title: "See the first alert",
    todo: "Ten failed logins in five minutes raise one. serve --demo shows more.",
    link: { to: "/alerts", label: "Alerts" },
  },
};

/** Until everything has happened once, the way there stands on top. */
export function FirstSteps({ overview }: { readonly overview: Overview }): ReactNode {
  const done = overview.checklist.filter((entry) => entry.isDone).length;
  return (
    <section className={`${css["card"] ?? ""} ${css["wide"] ?? ""}`}>
      <div className={css["head"]}>
        <h2>First steps</h2>
        <span className="muted small">
          {done} of {overview.checklist.length} done
        </span>
      </div>
      <ol className={css["steps"]}>
        {overview.checklist.map(({ step, isDone }) => {
          const { title, todo, link } = STEPS[step];
          return (
            <li key={step}>
              <Tick isDone={isDone} />
              <span className={isDone ? css["doneText"] : undefined}>{title}</span>
              {!isDone && <p className="muted">{todo}</p>}
              {!isDone && link !== undefined && (
                <Link to={link.to} search={{}}>
                  {link.label}
                </Link>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Tick({ isDone }: { readonly isDone: boolean }): ReactNode {
  return (
    <span
      className={`${css["tick"] ?? ""} ${isDone ? (css["done"] ?? "") : ""}`}
      role="img"
      aria-label={isDone ? "Done" : "To do"}
    >
      {isDone && (
        <svg viewBox="0 0 12 12" fill="none" stroke="currentColor" strokeWidth="1.8" aria-hidden="true">
          <path d="M2.5 6.200 5 8.500l4.500-5" />
        </svg>
      )}
    </span>
  );
}

/** How much of the demo's day has been replayed. */
export function DemoProgress({ demo }: { readonly demo: NonNullable<Overview["demo"]> }): ReactNode {
  return (
    <section className={`${css["card"] ?? ""} ${css["wide"] ?? ""}`}>
      <div className={css["demo"]}>
        <span>Replaying the demo day</span>
        <progress value={demo.sent} max={Math.max(1, demo.total)} aria-label="Demo records sent" />
        <span className="muted num">
          {formatCount(demo.sent)} of {formatCount(demo.total)} records
        </span>
      </div>
    </section>
  );
}
