import { IconChevronDown, IconSearch, IconX } from "@tabler/icons-react";
import { type ReactNode, useRef, useState } from "react";
import { Button, humanise, MenuItem, Popover, useCommands } from "../../ui/index.ts";
import {
  ALERT_SORTS,
  type AlertSort,
  type AlertsSearch,
  type FilterName,
  LIST_FILTERS,
  takeFilters,
  toggleInList,
} from "./alerts-url.ts";
import css from "./AlertsPage.module.css";

interface FilterBarProps {
  readonly search: AlertsSearch;
  readonly onChange: (change: Partial<AlertsSearch>) => void;
}

const SEVERITIES = ["critical", "high", "medium", "low"] as const;
const STATUSES = ["new", "acknowledged", "closed"] as const;
const SORT_NAMES = {
  lastSeen: "Last seen",
  createdAt: "Opened",
  priority: "Priority",
  severity: "Severity",
  count: "Count",
} as const;

/** The queue's filters: as pills, as words, and as menus for who does not know the words. */
export function FilterBar({ search, onChange }: FilterBarProps): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  useCommands([
    {
      id: "focus-filter",
      label: "Filter the alerts",
      group: "This page",
      keys: ["/"],
      run: () => input.current?.focus(),
    },
  ]);
  return (
    <div className={css["bar"]} role="search">
      <div className={css["query"]}>
        <IconSearch size={14} aria-hidden="true" />
        <FilterPills search={search} onChange={onChange} />
        <WordsInput inputRef={input} words={search.q ?? ""} onChange={onChange} />
        <kbd aria-hidden="true">/</kbd>
      </div>
      <FilterMenu
        name="status"
        label="Status"
        options={STATUSES}
        value={
          search.status === "all"
            ? undefined
            : (search.status ?? "new,acknowledged").replace("open", "new,acknowledged")
        }
        onChange={(status) => onChange({ status: status ?? "all" })}
      />
      <FilterMenu
        name="severity"
        label="Severity"
        options={SEVERITIES}
        value={search.severity}
        onChange={(severity) => onChange({ severity })}
      />
      <SortMenu sort={search.sort ?? "lastSeen"} onChange={onChange} />
    </div>
  );
}

function FilterPills({ search, onChange }: FilterBarProps): ReactNode {
  const names = ["status", "severity", "rule", "entity", ...LIST_FILTERS, "story", "overdue"] as const;
  const pills = names.flatMap((name) => {
    const value = name === "status" ? (search.status ?? "open") : search[name];
    return value === undefined || value === "all" ? [] : [{ name, value }];
  });
  return pills.map(({ name, value }) => (
    <button
      key={name}
      type="button"
      className={css["pill"]}
      aria-label={`Remove the filter ${name} ${value}`}
      onClick={() => onChange({ [name]: name === "status" ? "all" : undefined })}
    >
      <span className="ellipsis">{pillText(name, value)}</span>
      <IconX size={11} aria-hidden="true" />
    </button>
  ));
}

/** Ids mean nothing to people. */
function pillText(name: string, value: string): string {
  if (name === "overdue") return "past its deadline";
  if (name === "story") return "one story";
  if (name === "asset") return "one asset";
  return `${name}: ${value.replaceAll(",", " or ")}`;
}

interface SortMenuProps {
  readonly sort: AlertSort;
  readonly onChange: FilterBarProps["onChange"];
}

function SortMenu({ sort, onChange }: SortMenuProps): ReactNode {
  return (
    <Popover
      label="Sort"
      role="menu"
      align="end"
      trigger={(props) => (
        <Button {...props}>
          Sort: {SORT_NAMES[sort].toLowerCase()}
          <IconChevronDown size={12} aria-hidden="true" />
        </Button>
      )}
    >
      {(close) =>
        ALERT_SORTS.map((one) => (
          <MenuItem
            key={one}
            isChecked={sort === one}
            onSelect={() => {
              close();
              onChange({ sort: one === "lastSeen" ? undefined : one });
            }}
          >
            {SORT_NAMES[one]}
          </MenuItem>
        ))
      }
    </Popover>
  );
}

interface WordsInputProps {
  readonly inputRef: React.RefObject<HTMLInputElement | null>;
  readonly words: string;
  readonly onChange: FilterBarProps["onChange"];
}

/** What stands in the box is the person's until Enter; after that it is the URL's. */
function WordsInput({ inputRef, words, onChange }: WordsInputProps): ReactNode {
  const [draft, setDraft] = useState({ of: words, text: words });
  const text = draft.of === words ? draft.text : words;
  const apply = () => {
    const typed = takeFilters(text);
    setDraft({ of: typed.text, text: typed.text });
    onChange({ ...typed.filters, q: typed.text === "" ? undefined : typed.text });
  };
  return (
    <input
      ref={inputRef}
      aria-label="Filter alerts by title, entity or rule"
      placeholder="Title, entity… or severity:high"
      spellCheck={false}
      maxLength={200}
      value={text}
      onChange={(event) => setDraft({ of: words, text: event.target.value })}
      onBlur={() => {
        if (text !== words) apply();
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") apply();
        if (event.key === "Escape") event.currentTarget.blur();
      }}
    />
  );
}

interface FilterMenuProps {
  readonly name: FilterName;
  readonly label: string;
  readonly options: readonly string[];
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

function FilterMenu({ label, options, value, onChange }: FilterMenuProps): ReactNode {
  const chosen = (value ?? "").split(",");
  return (
    <Popover
      label={label}
      role="menu"
      align="end"
      trigger={(props) => (
        <Button {...props}>
          {label}
          <IconChevronDown size={12} aria-hidden="true" />
        </Button>
      )}
    >
      {() =>
        options.map((option) => (
          <MenuItem
            key={option}
            isChecked={chosen.includes(option)}
            onSelect={() => onChange(toggleInList(value, option))}
          >
            {humanise(option)}
          </MenuItem>
        ))
      }
    </Popover>
  );
}
