import type { AssetImportReport } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useAssetChanges } from "../../api/index.ts";
import {
  Button,
  Dialog,
  DialogFoot,
  failureOf,
  Field,
  formatAmount,
  LogText,
  Select,
  Tabs,
  TextInput,
  useToasts,
} from "../../ui/index.ts";
import css from "./Assets.module.css";
import { CriticalityMark } from "./CriticalityMark.tsx";

type Way = "csv" | "ldap";

/** An inventory comes in: looked at first, then done, and undone from the toast or the list of imports. */
export function ImportDialog({ onDone }: { readonly onDone: () => void }): ReactNode {
  const changes = useAssetChanges();
  const toasts = useToasts();
  const [way, setWay] = useState<Way>("csv");
  const [file, setFile] = useState<{ readonly csv: string; readonly name: string }>();
  const [directory, setDirectory] = useState({
    url: "ldaps://",
    bindDn: "",
    password: "",
    baseDn: "",
    kind: "person",
  });
  const [preview, setPreview] = useState<AssetImportReport>();
  const run = (dryRun: boolean) => {
    const after = {
      onSuccess: (report: AssetImportReport) => {
        setPreview(report);
        if (dryRun) return;
        onDone();
        const { importId } = report;
        toasts.show({
          message: `${formatAmount(report.added, "asset")} added, ${report.changed} changed`,
          ...(importId === null
            ? {}
            : { action: { label: "Undo", run: () => changes.undo.mutate(importId) } }),
        });
      },
    };
    if (way === "ldap") changes.importDirectory.mutate({ ...directory, dryRun }, after);
    else if (file !== undefined) changes.importCsv.mutate({ ...file, dryRun }, after);
  };
  const failure = way === "csv" ? changes.importCsv.error : changes.importDirectory.error;
  const canRun = way === "csv" ? file !== undefined : directory.bindDn !== "" && directory.baseDn !== "";
  const set = (name: keyof typeof directory) => (event: { readonly target: { readonly value: string } }) => {
    setPreview(undefined);
    setDirectory({ ...directory, [name]: event.target.value });
  };
  return (
    <Dialog title="Import assets" shape="wide" onClose={onDone}>
      <Tabs
        label="From where"
        value={way}
        onChange={(next) => {
          setWay(next);
          setPreview(undefined);
        }}
        tabs={[
          { key: "csv", label: "CSV file" },
          { key: "ldap", label: "Directory (LDAP)" },
        ]}
      />
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          run(preview === undefined);
        }}
      >
        {way === "csv" ? (
          <Field
            label="File"
            hint="Its first line names the columns: name, kind, criticality, labels, owner, aliases, note. Only name is needed."
          >
            {(control) => (
              <input
                {...control}
                type="file"
                accept=".csv,.tsv,.txt,text/csv"
                onChange={(event) => {
                  const chosen = event.target.files?.[0];
                  setPreview(undefined);
                  if (chosen !== undefined)
                    void chosen.text().then((csv) => setFile({ csv, name: chosen.name }));
                }}
              />
            )}
          </Field>
        ) : (
          <>
            <div className={css["two"]}>
              <Field label="Address" hint="ldaps:// or ldap://">
                {(control) => <TextInput {...control} isMono value={directory.url} onChange={set("url")} />}
              </Field>
              <Field label="What">
                {(control) => (
                  <Select {...control} value={directory.kind} onChange={set("kind")}>
                    <option value="person">People</option>
                    <option value="host">Computers</option>
                  </Select>
                )}
              </Field>
            </div>
            <Field label="Base" hint="Where to look: ou=people,dc=example,dc=com">
              {(control) => (
                <TextInput {...control} isMono value={directory.baseDn} onChange={set("baseDn")} />
              )}
            </Field>
            <div className={css["two"]}>
              <Field label="Bind as">
                {(control) => (
                  <TextInput {...control} isMono value={directory.bindDn} onChange={set("bindDn")} />
                )}
              </Field>
              <Field label="Password" hint="Used once; kept nowhere">
                {(control) => (
                  <TextInput
                    {...control}
                    type="password"
                    value={directory.password}
                    onChange={set("password")}
                  />
                )}
              </Field>
            </div>
          </>
        )}
        {failure !== null && (
          <p role="alert">
            {failureOf(failure).message}. {failureOf(failure).hint}
          </p>
        )}
        {preview !== undefined && <Preview report={preview} />}
        <DialogFoot>
          <Button onClick={onDone}>Cancel</Button>
          {preview === undefined ? (
            <Button type="submit" tone="primary" disabled={!canRun}>
              Look what would change
            </Button>
          ) : (
            <Button type="submit" tone="primary" disabled={preview.added + preview.changed === 0}>
              Import {formatAmount(preview.added + preview.changed, "asset")}
            </Button>
          )}
        </DialogFoot>
      </form>
    </Dialog>
  );
}

const SHOWN = 50;

function Preview({ report }: { readonly report: AssetImportReport }): ReactNode {
  const { rows, added, changed, same, problems, changes } = report;
  return (
    <div role="status">
      <p>
        <b>{formatAmount(rows, "line")}</b>: {added} would be added, {changed} changed, {same} are the same
        {problems.length > 0 && `, ${formatAmount(problems.length, "problem")}`}.
      </p>
      {problems.length > 0 && (
        <ul className={css["problems"]}>
          {problems.slice(0, SHOWN).map((problem, index) => (
            <li key={index}>
              <b>{problem.line === null ? problem.severity : `Line ${problem.line}`}</b>{" "}
              <LogText text={problem.message} limit={200} /> <span className="muted">{problem.hint}</span>
            </li>
          ))}
        </ul>
      )}
      <div className={css["preview"]} tabIndex={0} role="region" aria-label="What would change">
        <table>
          <tbody>
            {changes.slice(0, SHOWN).map(({ before, after }) => (
              <tr key={after.id}>
                <td className="muted">{before === null ? "new" : "changed"}</td>
                <th scope="row">
                  <LogText text={after.name} limit={80} isExpandable={false} />
                </th>
                <td>{after.kind}</td>
                <td>
                  <CriticalityMark value={after.criticality} />
                </td>
                <td className="muted">
                  <LogText text={after.labels.join(", ")} limit={80} isExpandable={false} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
