import { IconChevronDown, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useDeleteView, useSavedViews, useSaveView, useUsername } from "../../api/index.ts";
import {
  Button,
  Dialog,
  DialogFoot,
  Field,
  MenuHeading,
  MenuItem,
  Popover,
  TextInput,
} from "../../ui/index.ts";
import { formatUrlSearch, parseUrlSearch } from "../../url-search.ts";
import { ALERT_GROUPINGS, type AlertGrouping, type AlertsSearch, parseAlertsSearch } from "./alerts-url.ts";
import css from "./Queue.module.css";

interface MenuProps {
  readonly search: AlertsSearch;
  /** Replaces the whole state of the queue. */
  readonly onShow: (search: AlertsSearch) => void;
  readonly onChange: (change: Partial<AlertsSearch>) => void;
}

/** Queues that everyone has. */
export const BUILT_IN_VIEWS: readonly { readonly name: string; readonly search: AlertsSearch }[] = [
  { name: "Open", search: {} },
  { name: "Unassigned", search: { assignee: "none" } },
  { name: "Mine", search: { assignee: "me" } },
  { name: "High and critical", search: { severity: "high,critical", sort: "priority" } },
  { name: "Past its deadline", search: { overdue: "true" } },
];

const GROUP_NAMES: Readonly<Record<AlertGrouping, string>> = {
  rule: "Rule",
  host: "Host",
  user: "User",
  ip: "Address",
  story: "Same story",
};

/** What of the state makes a view: filters, grouping and order, not what happens to be open. */
export function viewQuery({ alert: _alert, tab: _tab, facets: _facets, ...view }: AlertsSearch): string {
  return formatUrlSearch(view).replace(/^\?/, "");
}

export function ViewMenu({ search, onShow }: MenuProps): ReactNode {
  const { data } = useSavedViews();
  const remove = useDeleteView();
  const [isSaving, setSaving] = useState(false);
  const query = viewQuery(search);
  const own = data?.items ?? [];
  const current =
    BUILT_IN_VIEWS.find((view) => viewQuery(view.search) === query)?.name ??
    own.find((view) => view.query === query)?.name ??
    "Custom";
  return (
    <>
      <Popover
        label="Saved views"
        role="menu"
        align="end"
        trigger={(props) => (
          <Button {...props}>
            View: {current}
            <IconChevronDown size={12} aria-hidden="true" />
          </Button>
        )}
      >
        {(close) => (
          <>
            {BUILT_IN_VIEWS.map((view) => (
              <MenuItem
                key={view.name}
                isChecked={view.name === current}
                onSelect={() => {
                  close();
                  onShow(view.search);
                }}
              >
                {view.name}
              </MenuItem>
            ))}
            {own.length > 0 && <MenuHeading>Your own</MenuHeading>}
            {own.map((view) => (
              <MenuItem
                key={view.id}
                isChecked={view.query === query}
                onSelect={() => {
                  close();
                  onShow(parseAlertsSearch(parseUrlSearch(view.query)));
                }}
              >
                {view.name}
              </MenuItem>
            ))}
            <MenuItem
              onSelect={() => {
                close();
                setSaving(true);
              }}
            >
              Save this view…
            </MenuItem>
            {own
              .filter((view) => view.query === query)
              .map((view) => (
                <MenuItem
                  key={view.id}
                  onSelect={() => {
                    close();
                    remove.mutate(view.id);
                  }}
                >
                  <IconTrash size={13} aria-hidden="true" /> Forget {view.name}
                </MenuItem>
              ))}
          </>
        )}
      </Popover>
      {isSaving && <SaveViewDialog query={query} onDone={() => setSaving(false)} />}
    </>
  );
}

function SaveViewDialog({
  query,
  onDone,
}: {
  readonly query: string;
  readonly onDone: () => void;
}): ReactNode {
  const [name, setName] = useState("");
  const save = useSaveView();
  const me = useUsername();
  return (
    <Dialog title="Save this view" onClose={onDone}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") save.mutate({ name: name.trim(), query }, { onSuccess: onDone });
        }}
      >
        <Field
          label="Name"
          hint={`Kept for ${me}. One of the same name is replaced.`}
          problem={save.error?.message}
        >
          {(control) => (
            <TextInput
              {...control}
              maxLength={64}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <DialogFoot>
          <Button onClick={onDone}>Cancel</Button>
          <Button needs="searches.save" type="submit" tone="primary" disabled={name.trim() === ""}>
            Save
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

export function GroupMenu({ search, onChange }: Pick<MenuProps, "search" | "onChange">): ReactNode {
  return (
    <Popover
      label="Group"
      role="menu"
      align="end"
      trigger={(props) => (
        <Button {...props}>
          Group: {search.group === undefined ? "none" : GROUP_NAMES[search.group].toLowerCase()}
          <IconChevronDown size={12} aria-hidden="true" />
        </Button>
      )}
    >
      {(close) =>
        [undefined, ...ALERT_GROUPINGS].map((by) => (
          <MenuItem
            key={by ?? "none"}
            isChecked={search.group === by}
            onSelect={() => {
              close();
              onChange({ group: by, alert: undefined, tab: undefined });
            }}
          >
            {by === undefined ? "None" : GROUP_NAMES[by]}
          </MenuItem>
        ))
      }
    </Popover>
  );
}
