import type { Coverage, CoverageCell } from "@tyto/domain";
import { coverageCsv, LEVELS, navigatorLayer } from "@tyto/domain";
import { IconChevronDown } from "@tabler/icons-react";
import { type ReactNode, useRef } from "react";
import {
  ActionMenu,
  Button,
  downloadText,
  formatCount,
  humanise,
  Select,
  TextInput,
  useCommands,
} from "../../ui/index.ts";
import { type MatrixColumn, STATE_NAMES } from "./cells.ts";
import css from "./Coverage.module.css";
import { COVERAGE_DAYS, COVERAGE_STATES, type CoverageSearch, type CoverageState } from "./coverage-url.ts";
import { matrixSvg } from "./matrix-svg.ts";

type Change = (change: Partial<CoverageSearch>) => void;

interface FiltersProps {
  readonly coverage: Coverage;
  readonly search: CoverageSearch;
  readonly onChange: Change;
}

/** Which rules are counted, and which techniques are shown. */
export function CoverageFilters({ coverage, search, onChange }: FiltersProps): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  useCommands([
    {
      id: "focus-coverage",
      label: "Find a technique",
      group: "This page",
      keys: ["/"],
      run: () => input.current?.focus(),
    },
  ]);
  const { rules, sources } = coverage;
  const named = new Set(rules.flatMap((rule) => rule.sources));
  return (
    <div className={css["filters"]} role="search">
      <TextInput
        ref={input}
        aria-label="Find a technique"
        placeholder="Technique, id or rule"
        value={search.q ?? ""}
        onChange={(event) => onChange({ q: textOr(event.target.value) })}
      />
      <Choice
        label="Tag"
        none="Any tag"
        value={search.tag}
        values={distinct(rules.flatMap(({ tags }) => tags))}
        onChange={(tag) => onChange({ tag })}
      />
      <Choice
        label="Source"
        none="Any source"
        value={search.source}
        values={sources.filter(({ id }) => named.has(id)).map(({ id }) => id)}
        nameOf={(id) => sources.find((source) => source.id === id)?.name ?? id}
        onChange={(source) => onChange({ source })}
      />
      <Choice
        label="Pack"
        none="Any pack"
        value={search.pack}
        values={distinct(rules.map(({ pack }) => pack))}
        onChange={(pack) => onChange({ pack })}
      />
      <Choice
        label="Level"
        none="Any level"
        value={search.level}
        values={[...LEVELS].reverse()}
        nameOf={humanise}
        onChange={(level) => onChange({ level })}
      />
      <Choice
        label="Telemetry of"
        none={undefined}
        value={search.days ?? "7"}
        values={COVERAGE_DAYS}
        nameOf={(days) => (days === "1" ? "Telemetry of a day" : `Telemetry of ${days} days`)}
        onChange={(days) => onChange({ days: COVERAGE_DAYS.find((one) => one === days && one !== "7") })}
      />
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly none: string | undefined;
  readonly value: string | undefined;
  readonly values: readonly string[];
  readonly nameOf?: (value: string) => string;
  readonly onChange: (value: string | undefined) => void;
}

function Choice({ label, none, value, values, nameOf = (one) => one, onChange }: ChoiceProps): ReactNode {
  return (
    <Select aria-label={label} value={value ?? ""} onChange={(event) => onChange(textOr(event.target.value))}>
      {none !== undefined && <option value="">{none}</option>}
      {values.map((one) => (
        <option key={one} value={one}>
          {nameOf(one)}
        </option>
      ))}
    </Select>
  );
}

const textOr = (text: string): string | undefined => (text === "" ? undefined : text);
const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

interface LegendProps {
  readonly counts: Readonly<Record<CoverageState, number>>;
  readonly search: CoverageSearch;
  readonly onChange: Change;
}

/** What the looks mean; each is a switch that shows only such techniques. */
export function CoverageLegend({ counts, search, onChange }: LegendProps): ReactNode {
  return (
    <div className={css["legend"]}>
      {COVERAGE_STATES.map((state, index) => (
        <button
          key={state}
          type="button"
          aria-pressed={search.state === state}
          className={css["key"]}
          onClick={() => onChange({ state: search.state === state ? undefined : state })}
        >
          <span
            className={css["swatch"]}
            data-score={3 - index}
            data-rules={state !== "none"}
            aria-hidden="true"
          />
          {STATE_NAMES[state]} <b>{formatCount(counts[state])}</b>
        </button>
      ))}
      <span className={css["shapes"]}>
        <Shape path="M1 1h8v8h-8z" /> enabled <Shape path="M5 1a4 4 0 1 1 0 8 4 4 0 0 1 0-8z" /> telemetry
        arrives <Shape path="M5 1l4 8h-8z" /> tested
      </span>
      <span className="grow" />
      <Switch
        label="Only enabled rules"
        isOn={search.enabled === "only"}
        onChange={(isOn) => onChange({ enabled: isOn ? "only" : undefined })}
      />
      <Switch
        label="Sub-techniques"
        isOn={search.subs === "shown"}
        onChange={(isOn) => onChange({ subs: isOn ? "shown" : undefined })}
      />
    </div>
  );
}

function Shape({ path }: { readonly path: string }): ReactNode {
  return (
    <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
      <path d={path} className={css["on"]} />
    </svg>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

function Switch({ label, isOn, onChange }: SwitchProps): ReactNode {
  return (
    <label className={css["switch"]}>
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}

interface ExportMenuProps {
  readonly coverage: Coverage;
  /** All of them, whatever is shown. */
  readonly cells: readonly CoverageCell[];
  readonly columns: readonly MatrixColumn[];
}

/** Files for other tools and for documents: counted as filtered; the picture is what is shown. */
export function ExportMenu({ coverage, cells, columns }: ExportMenuProps): ReactNode {
  const day = coverage.at.slice(0, 10);
  const save = (name: string, type: string, text: string) =>
    downloadText(`tyto-coverage-${day}${name}`, type, text);
  const layer = () => JSON.stringify(navigatorLayer(coverage, cells), undefined, 2);
  const picture = () => matrixSvg(columns, `Coverage of ATT&CK, ${day}`);
  return (
    <ActionMenu
      label="Export"
      trigger={(props) => (
        <Button {...props}>
          Export
          <IconChevronDown size={12} aria-hidden="true" />
        </Button>
      )}
      actions={[
        { label: "ATT&CK Navigator layer", run: () => save("-layer.json", "application/json", layer()) },
        { label: "CSV", run: () => save(".csv", "text/csv", coverageCsv(cells)) },
        { label: "Picture (SVG)", run: () => save(".svg", "image/svg+xml", picture()) },
        { label: "Print", run: () => requestAnimationFrame(() => print()) },
      ]}
    />
  );
}
