import type { AssetView } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useAssetChanges } from "../../api/index.ts";
import {
  Button,
  Dialog,
  DialogFoot,
  failureOf,
  Field,
  humanise,
  Select,
  TextArea,
  TextInput,
} from "../../ui/index.ts";
import css from "./Assets.module.css";

const KINDS = ["host", "service", "person"] as const;
const CRITICALITIES = ["low", "medium", "high", "critical"] as const;

interface AssetDialogProps {
  readonly start: Partial<AssetView> & Pick<AssetView, "kind" | "name">;
  readonly onDone: () => void;
}

const listOf = (text: string): string[] =>
  text
    .split(/[,;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** One asset, said by hand. */
export function AssetDialog({ start, onDone }: AssetDialogProps): ReactNode {
  const { put } = useAssetChanges();
  const [kind, setKind] = useState(start.kind);
  const [name, setName] = useState(start.name);
  const [criticality, setCriticality] = useState<AssetView["criticality"]>(start.criticality ?? null);
  const [labels, setLabels] = useState((start.labels ?? []).join(", "));
  const [owner, setOwner] = useState(start.owner ?? "");
  const [aliases, setAliases] = useState((start.aliases ?? []).join(", "));
  const [note, setNote] = useState(start.note ?? "");
  const isKnown = start.id !== undefined;
  return (
    <Dialog title={isKnown ? "Change the asset" : "Add an asset"} onClose={onDone}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          put.mutate(
            {
              kind,
              name: name.trim(),
              criticality,
              labels: listOf(labels),
              owner: owner.trim() === "" ? null : owner.trim(),
              aliases: listOf(aliases),
              note,
            },
            { onSuccess: onDone },
          );
        }}
      >
        <Field label="Name" problem={put.error === null ? undefined : failureOf(put.error).message}>
          {(control) => (
            <TextInput
              {...control}
              required
              disabled={isKnown}
              maxLength={256}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <div className={css["two"]}>
          <Field label="Kind">
            {(control) => (
              <Select
                {...control}
                disabled={isKnown}
                value={kind}
                onChange={(event) => setKind(KINDS.find((one) => one === event.target.value) ?? "host")}
              >
                {KINDS.map((one) => (
                  <option key={one} value={one}>
                    {humanise(one)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Criticality">
            {(control) => (
              <Select
                {...control}
                value={criticality ?? ""}
                onChange={(event) =>
                  setCriticality(CRITICALITIES.find((one) => one === event.target.value) ?? null)
                }
              >
                <option value="">Not rated</option>
                {CRITICALITIES.map((one) => (
                  <option key={one} value={one}>
                    {humanise(one)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <Field label="Labels" hint="confidential and core raise the priority of alerts. Commas between.">
          {(control) => (
            <TextInput {...control} value={labels} onChange={(event) => setLabels(event.target.value)} />
          )}
        </Field>
        <Field label="Owner">
          {(control) => (
            <TextInput
              {...control}
              maxLength={256}
              value={owner}
              onChange={(event) => setOwner(event.target.value)}
            />
          )}
        </Field>
        <Field label="Also called" hint="Addresses, e-mail, other names. Commas between.">
          {(control) => (
            <TextInput
              {...control}
              isMono
              value={aliases}
              onChange={(event) => setAliases(event.target.value)}
            />
          )}
        </Field>
        <Field label="Note">
          {(control) => (
            <TextArea
              {...control}
              rows={2}
              maxLength={2_000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Field>
        <DialogFoot>
          <Button onClick={onDone}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={name.trim() === ""}>
            Save
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
