import { type ReactNode } from "react";
import { useSystem } from "../../api/index.ts";
import {
  buttonClass,
  ErrorNote,
  formatAmount,
  formatBytes,
  Page,
  Skeleton,
  Time,
  useMay,
} from "../../ui/index.ts";
import css from "./Settings.module.css";

/** What runs here. */
export function SystemSection(): ReactNode {
  const { data, error, refetch } = useSystem();
  const may = useMay();
  if (data === undefined) {
    return (
      <Page title="System">
        {error === null ? <Skeleton /> : <ErrorNote error={error} onRetry={() => void refetch()} />}
      </Page>
    );
  }
  const { disk, queue, schemas } = data;
  return (
    <Page title="System" note={`Tyto ${data.version}`}>
      <div className={css["body"]}>
        <section className={css["block"]}>
          <h2>Program</h2>
          <dl className={css["facts"]}>
            <dt>Version</dt>
            <dd>{data.version}</dd>
            <dt>Running since</dt>
            <dd>
              <Time value={data.startedAt} as="instant" />
            </dd>
            <dt>Node and machine</dt>
            <dd>
              {data.node}, {data.platform}
            </dd>
            <dt>Schemas</dt>
            <dd className="mono">
              {schemas.control}, engine {schemas.engine}
            </dd>
            <dt>Queue</dt>
            <dd>
              {formatAmount(queue.records, "record")} wait; {formatAmount(queue.running, "job")} in the
              background
            </dd>
            <dt>Licence</dt>
            <dd>Apache-2.0</dd>
          </dl>
        </section>
        <section className={css["block"]}>
          <h2>Storage</h2>
          <dl className={css["facts"]}>
            <dt>Data directory</dt>
            <dd className="mono">{data.dataDirectory}</dd>
            <dt>Free</dt>
            <dd>
              {formatBytes(disk.free)} of {formatBytes(disk.total)}
            </dd>
          </dl>
          <table className={css["table"]}>
            <thead>
              <tr>
                <th scope="col">In the data directory</th>
                <th scope="col" className="num">
                  Size
                </th>
              </tr>
            </thead>
            <tbody>
              {data.storage.map(({ name, bytes }) => (
                <tr key={name}>
                  <td className="mono">{name}</td>
                  <td className="num">{formatBytes(bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        {may("settings.change") && (
          <section className={css["block"]}>
            <h2>Support bundle</h2>
            <p className="muted">
              A JSON file for who helps: versions, sizes, kinds of alarms, counters. It holds no secrets, no
              event content, and no names of people or sources. Read it before you send it.
            </p>
            <div className={css["actions"]}>
              <a className={buttonClass()} href="/api/v1/system/bundle" download="tyto-support.json">
                Download the support bundle
              </a>
            </div>
          </section>
        )}
      </div>
    </Page>
  );
}
