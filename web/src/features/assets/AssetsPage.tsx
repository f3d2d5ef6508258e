import type { AssetView } from "@tyto/domain";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactNode, useRef, useState } from "react";
import { useAssetChanges, useAssetImports, useAssets } from "../../api/index.ts";
import {
  Button,
  Dialog,
  Empty,
  ErrorNote,
  formatAmount,
  formatCount,
  LogText,
  Page,
  Select,
  Skeleton,
  TextInput,
  Time,
  useCommands,
} from "../../ui/index.ts";
import { AssetDialog } from "./AssetDialog.tsx";
import css from "./Assets.module.css";
import type { AssetsSearch } from "./assets-url.ts";
import { CriticalityMark } from "./CriticalityMark.tsx";
import { ImportDialog } from "./ImportDialog.tsx";

const route = getRouteApi("/inventory");
type OpenDialog =
  | { readonly kind: "none" | "import" | "imports" }
  | { readonly kind: "asset"; readonly start: Partial<AssetView> & Pick<AssetView, "kind" | "name"> };

/** The register: what stands in the house, what it is worth, and whose it is. */
export function AssetsPage(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { q, ...filters } = search;
  const { data, error, refetch } = useAssets({
    ...filters,
    ...(q === undefined ? {} : { text: q }),
    limit: 500,
  });
  const [dialog, setDialog] = useState<OpenDialog>({ kind: "none" });
  const done = () => setDialog({ kind: "none" });
  const change = (next: AssetsSearch) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <Page
      title="Assets"
      layout="full"
      note={
        data === undefined
          ? ""
          : `${formatAmount(data.total, "asset")} · ${formatCount(data.counts.critical)} critical · ${formatCount(data.counts.learned)} only learned`
      }
      actions={
        <>
          <Button onClick={() => setDialog({ kind: "imports" })}>Imports</Button>
          <Button
            needs="assets.change"
            onClick={() => setDialog({ kind: "asset", start: { kind: "host", name: "" } })}
          >
            Add asset
          </Button>
          <Button needs="assets.change" tone="primary" onClick={() => setDialog({ kind: "import" })}>
            Import…
          </Button>
        </>
      }
    >
      <div className={css["page"]}>
        <Filters search={search} labels={data?.labels ?? []} onChange={change} />
        {error !== null && data === undefined ? (
          <ErrorNote error={error} onRetry={() => void refetch()} />
        ) : data === undefined ? (
          <Skeleton />
        ) : data.items.length === 0 ? (
          <Empty title="No asset here">
            Import an inventory in CSV or a directory, or wait: hosts and people that events name are learned
            by themselves. With filters, there may be others.
          </Empty>
        ) : (
          <AssetTable
            assets={data.items}
            total={data.total}
            onEdit={(start) => setDialog({ kind: "asset", start })}
          />
        )}
      </div>
      {dialog.kind === "import" && <ImportDialog onDone={done} />}
      {dialog.kind === "imports" && <ImportsDialog onDone={done} />}
      {dialog.kind === "asset" && <AssetDialog start={dialog.start} onDone={done} />}
    </Page>
  );
}

interface FiltersProps {
  readonly search: AssetsSearch;
  readonly labels: readonly string[];
  readonly onChange: (change: AssetsSearch) => void;
}

function Filters({ search, labels, onChange }: FiltersProps): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  useCommands([
    {
      id: "focus-filter",
      label: "Find an asset",
      group: "This page",
      keys: ["/"],
      run: () => input.current?.focus(),
    },
  ]);
  return (
    <div className={css["filters"]} role="search">
      <TextInput
        ref={input}
        aria-label="Find by name, alias or owner"
        placeholder="Name, address, owner…"
        value={search.q ?? ""}
        onChange={(event) => onChange({ q: event.target.value === "" ? undefined : event.target.value })}
      />
      <Select
        aria-label="Kind"
        value={search.kind ?? ""}
        onChange={(event) =>
          onChange({
            kind: (["host", "service", "person"] as const).find((one) => one === event.target.value),
          })
        }
      >
        <option value="">All kinds</option>
        <option value="host">Hosts</option>
        <option value="service">Services</option>
        <option value="person">People</option>
      </Select>
      <Select
        aria-label="Criticality"
        value={search.criticality ?? ""}
        onChange={(event) =>
          onChange({ criticality: event.target.value === "" ? undefined : event.target.value })
        }
      >
        <option value="">Any criticality</option>
        <option value="critical">Critical</option>
        <option value="high,critical">High and critical</option>
        <option value="none">Not rated</option>
      </Select>
      <Select
        aria-label="Label"
        value={search.label ?? ""}
        onChange={(event) => onChange({ label: event.target.value === "" ? undefined : event.target.value })}
      >
        <option value="">Any label</option>
        {labels.map((label) => (
          <option key={label}>{label}</option>
        ))}
      </Select>
      <Select
        aria-label="Known from"
        value={search.origin ?? ""}
        onChange={(event) =>
          onChange({ origin: (["learned", "said"] as const).find((one) => one === event.target.value) })
        }
      >
        <option value="">Learned or said</option>
        <option value="said">Said by people</option>
        <option value="learned">Only learned</option>
      </Select>
    </div>
  );
}

interface AssetTableProps {
  readonly assets: readonly AssetView[];
  readonly total: number;
  readonly onEdit: (asset: AssetView) => void;
}

function AssetTable({ assets, total, onEdit }: AssetTableProps): ReactNode {
  return (
    <div className={css["table"]} tabIndex={0} role="region" aria-label="Assets">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Kind</th>
            <th scope="col">Criticality</th>
            <th scope="col">Labels</th>
            <th scope="col">Owner</th>
            <th scope="col">Also called</th>
            <th scope="col">From</th>
            <th scope="col">Last seen</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {assets.map((asset) => (
            <tr key={asset.id}>
              <th scope="row">
                <Link to="/entity" search={{ type: entityTypeOf(asset.kind), value: asset.name }}>
                  <LogText text={asset.name} limit={80} isExpandable={false} />
                </Link>
              </th>
              <td>{asset.kind}</td>
              <td>
                <CriticalityMark value={asset.criticality} />
              </td>
              <td>
                <LogText text={asset.labels.join(", ")} limit={80} isExpandable={false} />
              </td>
              <td>
                <LogText text={asset.owner ?? ""} limit={60} isExpandable={false} />
              </td>
              <td className="mono">
                <LogText text={asset.aliases.join(", ")} limit={60} isExpandable={false} />
              </td>
              <td className="muted">{asset.origin}</td>
              <td className="muted">{asset.lastSeen === null ? "never" : <Time value={asset.lastSeen} />}</td>
              <td>
                <Button
                  needs="assets.change"
                  tone="quiet"
                  onClick={() => onEdit(asset)}
                  aria-label={`Change ${asset.name}`}
                >
                  Change
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {total > assets.length && (
        <p className="muted">
          The first {formatCount(assets.length)} of {formatCount(total)}; find others by name.
        </p>
      )}
    </div>
  );
}

const entityTypeOf = (kind: AssetView["kind"]) => (kind === "person" ? "user" : kind);

function ImportsDialog({ onDone }: { readonly onDone: () => void }): ReactNode {
  const { data } = useAssetImports();
  const { undo } = useAssetChanges();
  return (
    <Dialog title="Imports" shape="wide" onClose={onDone}>
      {data === undefined ? (
        <Skeleton lines={3} />
      ) : data.items.length === 0 ? (
        <p className="muted">Nothing was imported yet.</p>
      ) : (
        <ul className={css["imports"]}>
          {data.items.map((one) => (
            <li key={one.id}>
              <Time value={one.at} as="instant" />
              <span className="ellipsis">
                <LogText text={one.name} limit={80} isExpandable={false} />
              </span>
              <span className="muted">
                {one.by}: {one.added} added, {one.changed} changed
              </span>
              {one.undoneAt === null ? (
                <Button needs="assets.change" onClick={() => undo.mutate(one.id)}>
                  Undo
                </Button>
              ) : (
                <span className="muted">undone</span>
              )}
            </li>
          ))}
        </ul>
      )}
      {undo.data !== undefined && (
        <p role="status">
          {undo.data.restored} put back, {undo.data.removed} taken out, {undo.data.kept} left: they were
          changed since.
        </p>
      )}
    </Dialog>
  );
}
