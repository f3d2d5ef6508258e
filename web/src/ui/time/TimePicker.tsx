import { type ReactNode, useRef, useState } from "react";
import { Button } from "../Button.tsx";
import { useCommands, useNow, usePreferences, useZone } from "../environment.ts";
import { Field, TextInput } from "../Field.tsx";
import { MenuHeading, MenuItem, MenuList, Popover } from "../overlay/Popover.tsx";
import {
  absoluteRange,
  describeRange,
  parseTypedInstant,
  RANGE_PRESETS,
  resolveRange,
  shiftRange,
  type TimeRange,
} from "./time-range.ts";
import css from "./TimePicker.module.css";

interface TimePickerProps {
  /** Undefined: no limit, where the page allows that. */
  readonly value: TimeRange | undefined;
  readonly onChange: (range: TimeRange | undefined) => void;
  readonly canBeUnlimited?: boolean;
}

const USUAL: TimeRange = { from: "-24h", to: "now" };

/** Chooses the page's time. Relative stays relative, unless a person asks for the window as it is now. */
export function TimePicker({ value, onChange, canBeUnlimited = false }: TimePickerProps): ReactNode {
  const zone = useZone();
  const now = useNow();
  const host = useRef<HTMLSpanElement>(null);
  const shift = (direction: -1 | 1) => {
    const next = value === undefined ? undefined : shiftRange(value, direction, now);
    if (next !== undefined) onChange(next);
  };
  useCommands([
    {
      id: "time-picker",
      label: "Change the time range",
      group: "This page",
      keys: ["d"],
      run: () => host.current?.querySelector<HTMLButtonElement>("button[popovertarget]")?.click(),
    },
    { id: "time-back", label: "Time window back", group: "This page", keys: ["["], run: () => shift(-1) },
    {
      id: "time-forward",
      label: "Time window forward",
      group: "This page",
      keys: ["]"],
      run: () => shift(1),
    },
  ]);

  return (
    <span ref={host}>
      <Popover
        label="Time range"
        align="end"
        trigger={(props) => (
          <Button {...props} keys="d">
            {value === undefined ? "Any time" : describeRange(value, zone)}
          </Button>
        )}
      >
        {(close) => (
          <RangePanel
            value={value}
            canBeUnlimited={canBeUnlimited}
            onPick={(range) => {
              close();
              onChange(range);
            }}
          />
        )}
      </Popover>
    </span>
  );
}

interface RangePanelProps {
  readonly value: TimeRange | undefined;
  readonly canBeUnlimited: boolean;
  readonly onPick: (range: TimeRange | undefined) => void;
}

function RangePanel({ value, canBeUnlimited, onPick }: RangePanelProps): ReactNode {
  const zone = useZone();
  return (
    <div className={css["panel"]}>
      <div className={css["presets"]}>
        <MenuList label="Up to now">
          {canBeUnlimited && (
            <MenuItem isChecked={value === undefined} onSelect={() => onPick(undefined)}>
              Any time
            </MenuItem>
          )}
          {RANGE_PRESETS.map((preset) => (
            <MenuItem
              key={preset.from}
              isChecked={value?.from === preset.from && value.to === "now"}
              onSelect={() => onPick(preset)}
            >
              {describeRange(preset, zone)}
            </MenuItem>
          ))}
        </MenuList>
      </div>
      <AbsoluteForm value={value ?? USUAL} onPick={onPick} />
    </div>
  );
}

interface AbsoluteFormProps {
  readonly value: TimeRange;
  readonly onPick: (range: TimeRange) => void;
}

function AbsoluteForm({ value, onPick }: AbsoluteFormProps): ReactNode {
  const zone = useZone();
  const now = useNow();
  const [from, setFrom] = useState(value.from);
  const [to, setTo] = useState(value.to);
  const [problem, setProblem] = useState<string>();

  const apply = () => {
    const range = { from: parseTypedInstant(from, zone) ?? "", to: parseTypedInstant(to, zone) ?? "" };
    if (resolveRange(range, now) !== undefined) onPick(range);
    else setProblem("Write -3h, now, 2026-11-20 or 2026-11-20 09:41; the start must lie before the end.");
  };
  const fix = () => {
    const resolved = resolveRange(value, now);
    if (resolved !== undefined) onPick(absoluteRange(resolved));
  };

  return (
    <form
      className={css["absolute"]}
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <MenuHeading>From and to, {zone === "utc" ? "UTC" : "your own time"}</MenuHeading>
      <Field label="From" problem={problem}>
        {(props) => (
          <TextInput
            {...props}
            isMono
            value={from}
            spellCheck={false}
            onChange={(event) => setFrom(event.target.value)}
          />
        )}
      </Field>
      <Field label="To">
        {(props) => (
          <TextInput
            {...props}
            isMono
            value={to}
            spellCheck={false}
            onChange={(event) => setTo(event.target.value)}
          />
        )}
      </Field>
      <div className={css["row"]}>
        <Button type="submit" tone="primary">
          Apply
        </Button>
        <Button onClick={fix}>Fix as it is now</Button>
      </div>
    </form>
  );
}

/** Local time or UTC, for the whole console. */
export function ZoneSwitch(): ReactNode {
  const [{ zone }, change] = usePreferences();
  return (
    <span className={css["zone"]} role="group" aria-label="Time zone">
      <button type="button" aria-pressed={zone === "local"} onClick={() => change({ zone: "local" })}>
        Local
      </button>
      <button type="button" aria-pressed={zone === "utc"} onClick={() => change({ zone: "utc" })}>
        UTC
      </button>
    </span>
  );
}
