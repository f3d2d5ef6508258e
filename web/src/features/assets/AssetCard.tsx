import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useAssetCard } from "../../api/index.ts";
import { Button, buttonClass, LogText, Time } from "../../ui/index.ts";
import css from "./Assets.module.css";
import { AssetDialog } from "./AssetDialog.tsx";
import { CriticalityMark } from "./CriticalityMark.tsx";

/** What the register knows of a thing, or that it knows nothing. */
export function AssetCard({ type, value }: { readonly type: string; readonly value: string }): ReactNode {
  const { data } = useAssetCard(type, value);
  const [isEditing, setEditing] = useState(false);
  const asset = data?.asset;
  if (data === undefined) return <section className={css["card"]} aria-hidden="true" />;
  const kind = type === "user" ? "person" : type === "service" ? "service" : "host";
  if (asset === null || asset === undefined || asset.origin === "learned") {
    return (
      <section className={css["card"]}>
        <h2>Register</h2>
        <p className="muted">
          Known only from logs: nobody has said what it is worth. Import an inventory or a directory, or say
          it here.
        </p>
        <div className={css["actions"]}>
          <Button needs="assets.change" onClick={() => setEditing(true)}>
            Add to the register…
          </Button>
          <Link to="/inventory" search={{}} className={buttonClass()}>
            Import…
          </Link>
        </div>
        {isEditing && <AssetDialog start={asset ?? { kind, name: value }} onDone={() => setEditing(false)} />}
      </section>
    );
  }
  return (
    <section className={css["card"]}>
      <h2>Register</h2>
      <dl className={css["facts"]}>
        <dt>Name</dt>
        <dd>
          <LogText text={asset.name} limit={200} /> <span className="muted">{asset.kind}</span>
        </dd>
        <dt>Criticality</dt>
        <dd>
          <CriticalityMark value={asset.criticality} />
        </dd>
        {asset.labels.length > 0 && (
          <>
            <dt>Labels</dt>
            <dd>{asset.labels.join(", ")}</dd>
          </>
        )}
        {asset.owner !== null && (
          <>
            <dt>Owner</dt>
            <dd>
              <LogText text={asset.owner} />
            </dd>
          </>
        )}
        {asset.aliases.length > 0 && (
          <>
            <dt>Also called</dt>
            <dd className="mono">
              <LogText text={asset.aliases.join(", ")} limit={400} />
            </dd>
          </>
        )}
        {asset.note !== "" && (
          <>
            <dt>Note</dt>
            <dd>
              <LogText text={asset.note} limit={400} />
            </dd>
          </>
        )}
        <dt>Said</dt>
        <dd className="muted">
          {asset.updatedBy}, <Time value={asset.updatedAt} />
        </dd>
      </dl>
      <div className={css["actions"]}>
        <Button needs="assets.change" onClick={() => setEditing(true)}>
          Change…
        </Button>
      </div>
      {isEditing && <AssetDialog start={asset} onDone={() => setEditing(false)} />}
    </section>
  );
}
