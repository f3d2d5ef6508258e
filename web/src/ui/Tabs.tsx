import type { KeyboardEvent, ReactNode } from "react";
import css from "./Tabs.module.css";
import { formatCompact } from "./text/format.ts";

export interface Tab<Key extends string> {
  readonly key: Key;
  readonly label: string;
  readonly count?: number | undefined;
}

interface TabsProps<Key extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<Key>[];
  readonly value: Key;
  readonly onChange: (key: Key) => void;
  readonly className?: string | undefined;
}

export function Tabs<Key extends string>({
  label,
  tabs,
  value,
  onChange,
  className,
}: TabsProps<Key>): ReactNode {
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    const at = tabs.findIndex((tab) => tab.key === value);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (next === undefined) return;
    event.preventDefault();
    onChange(next.key);
    event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]")[tabs.indexOf(next)]?.focus();
  };
  return (
    <div
      role="tablist"
      aria-label={label}
      className={`${css["tabs"] ?? ""} ${className ?? ""}`}
      onKeyDown={move}
    >
      {tabs.map((tab) => (
        <button
          key={tab.key}
          type="button"
          role="tab"
          aria-selected={tab.key === value}
          tabIndex={tab.key === value ? 0 : -1}
          className={css["tab"]}
          onClick={() => onChange(tab.key)}
        >
          {tab.label}
          {tab.count !== undefined && <span className={css["count"]}>{formatCompact(tab.count)}</span>}
        </button>
      ))}
    </div>
  );
}
