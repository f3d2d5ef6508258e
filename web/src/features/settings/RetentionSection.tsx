import {
  RETENTION_CLASSES,
  RETENTION_FLOORS,
  RETENTION_FRAMEWORKS,
  type Retention,
  type RetentionBody,
} from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useChangeRetention, useRetention, useRunRetention } from "../../api/index.ts";
import {
  Button,
  Dialog,
  DialogFoot,
  ErrorNote,
  failureOf,
  Field,
  formatAmount,
  formatBytes,
  formatCount,
  Page,
  Select,
  Skeleton,
  TextInput,
  useToasts,
} from "../../ui/index.ts";
import css from "./Settings.module.css";

/** How long events are kept, for how long the disk lasts, and what the next run deletes. */
export function RetentionSection(): ReactNode {
  const { data, error, refetch } = useRetention();
  return (
    <Page title="Retention" note="How long events are kept">
      {data !== undefined ? (
        <div className={css["body"]}>
          <Forecast retention={data} />
          <Policy key={JSON.stringify([data.framework, data.days])} retention={data} />
          <Expired retention={data} />
        </div>
      ) : error !== null ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton />
      )}
    </Page>
  );
}

function Forecast({ retention: { forecast } }: { readonly retention: Retention }): ReactNode {
  const { bytesPerDay, daysLeft, bytesWhenFull, isEnough } = forecast;
  const unknown = <span className="muted">too early to tell</span>;
  return (
    <section className={css["block"]}>
      <h2>The disk</h2>
      {isEnough === false && (
        <p className={css["note"]} role="status">
          At the rate of the last seven days the disk is full before the oldest events leave. Keep them for
          fewer days, archive them, or give Tyto a larger disk.
        </p>
      )}
      <dl className={css["facts"]}>
        <dt>Stored now</dt>
        <dd>
          {formatAmount(forecast.storedEvents, "event")} in {formatBytes(forecast.storedBytes)}
        </dd>
        <dt>Free</dt>
        <dd>{formatBytes(forecast.freeBytes)}</dd>
        <dt>A day brings</dt>
        <dd>{bytesPerDay === null ? unknown : formatBytes(bytesPerDay)}</dd>
        <dt>Events will take</dt>
        <dd>{bytesWhenFull === null ? unknown : formatBytes(bytesWhenFull)}</dd>
        <dt>Lasts</dt>
        <dd>{daysLeft === null ? unknown : formatAmount(Math.round(daysLeft), "day")}</dd>
      </dl>
    </section>
  );
}

function Policy({ retention }: { readonly retention: Retention }): ReactNode {
  const [framework, setFramework] = useState(retention.framework);
  const [days, setDays] = useState(retention.days);
  const [asked, setAsked] = useState<RetentionBody>();
  const floor = RETENTION_FLOORS[framework];
  const tooShort = RETENTION_CLASSES.filter((name) => name !== "short" && days[name] < floor.days);
  const isSame =
    framework === retention.framework &&
    RETENTION_CLASSES.every((name) => days[name] === retention.days[name]);
  return (
    <section className={css["block"]}>
      <h2>Days by class</h2>
      <p className="muted">A source has a class; its events stay for the class's days.</p>
      <form
        className={css["block"]}
        onSubmit={(event) => {
          event.preventDefault();
          setAsked({ framework, days });
        }}
      >
        <div className={css["form"]}>
          <Field label="Rules that you must keep" hint={`At least ${floor.days} days: ${floor.name}.`}>
            {(control) => (
              <Select
                {...control}
                value={framework}
                onChange={(event) =>
                  setFramework(RETENTION_FRAMEWORKS.find((one) => one === event.target.value) ?? "none")
                }
              >
                {RETENTION_FRAMEWORKS.map((one) => (
                  <option key={one} value={one}>
                    {one === "none" ? "None" : RETENTION_FLOORS[one].name.split(",")[0]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <div className={css["days"]}>
          {RETENTION_CLASSES.map((name) => (
            <Field key={name} label={name === "short" ? "Short" : name === "standard" ? "Standard" : "Long"}>
              {(control) => (
                <TextInput
                  {...control}
                  type="number"
                  min={1}
                  max={36_500}
                  required
                  value={days[name]}
                  onChange={(event) => setDays({ ...days, [name]: Number(event.target.value) })}
                />
              )}
            </Field>
          ))}
        </div>
        {tooShort.length > 0 && (
          <p className={css["note"]}>
            {tooShort.join(" and ")}: fewer days than {floor.name} asks for ({floor.days}); the server will
            say what it refuses.
          </p>
        )}
        <div className={css["actions"]}>
          <Button type="submit" needs="settings.change" disabled={isSame}>
            Look at the change…
          </Button>
        </div>
      </form>
      {asked !== undefined && (
        <ChangeDialog before={retention} asked={asked} onDone={() => setAsked(undefined)} />
      )}
    </section>
  );
}

function ChangeDialog({
  before,
  asked,
  onDone,
}: {
  readonly before: Retention;
  readonly asked: RetentionBody;
  readonly onDone: () => void;
}): ReactNode {
  const change = useChangeRetention();
  const toasts = useToasts();
  const changed = RETENTION_CLASSES.filter((name) => asked.days?.[name] !== before.days[name]);
  const isShorter = changed.some((name) => (asked.days?.[name] ?? 0) < before.days[name]);
  const failure = change.error === null ? undefined : failureOf(change.error);
  return (
    <Dialog title="Change how long events are kept?" onClose={onDone}>
      <table className={css["table"]}>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">Now</th>
            <th scope="col">Then</th>
          </tr>
        </thead>
        <tbody>
          {changed.map((name) => (
            <tr key={name}>
              <td>{name}</td>
              <td>{formatAmount(before.days[name], "day")}</td>
              <td>{formatAmount(asked.days?.[name] ?? 0, "day")}</td>
            </tr>
          ))}
          {asked.framework !== before.framework && (
            <tr>
              <td>rules</td>
              <td>{before.framework}</td>
              <td>{asked.framework}</td>
            </tr>
          )}
        </tbody>
      </table>
      {isShorter && (
        <p className={css["note"]}>
          Weeks that are older than the new days are deleted by the next run, and nothing brings them back but
          an archive or a backup.
        </p>
      )}
      {failure !== undefined && (
        <p role="alert">
          {failure.message}. {failure.hint}
        </p>
      )}
      <DialogFoot>
        <Button onClick={onDone}>Cancel</Button>
        <Button
          tone={isShorter ? "danger" : "primary"}
          disabled={change.isPending}
          onClick={() =>
            change.mutate(asked, {
              onSuccess: () => {
                toasts.show({ message: "Retention changed" });
                onDone();
              },
            })
          }
        >
          Change retention
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

function Expired({ retention: { expired, holds } }: { readonly retention: Retention }): ReactNode {
  const run = useRunRetention();
  const [isAsked, setAsked] = useState(false);
  const events = expired.reduce((sum, week) => sum + week.events, 0);
  return (
    <section className={css["block"]}>
      <h2>What goes next</h2>
      {expired.length === 0 ? (
        <p className="muted">No week of events is over. Once a day Tyto looks again.</p>
      ) : (
        <>
          <table className={css["table"]}>
            <thead>
              <tr>
                <th scope="col">Week</th>
                <th scope="col">Class</th>
                <th scope="col">Events</th>
                <th scope="col">Size</th>
              </tr>
            </thead>
            <tbody>
              {expired.map((week) => (
                <tr key={`${week.class} ${week.from}`}>
                  <td>
                    {week.from.slice(0, 10)} to {week.to.slice(0, 10)}
                  </td>
                  <td>{week.class}</td>
                  <td>{formatCount(week.events)}</td>
                  <td>{formatBytes(week.bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <div className={css["actions"]}>
            <Button tone="danger" needs="settings.change" onClick={() => setAsked(true)}>
              Delete them now…
            </Button>
          </div>
        </>
      )}
      {holds.length > 0 && (
        <p className="muted">
          Restored from archives and held whatever their age: {holds.map(({ day }) => day).join(", ")}.
        </p>
      )}
      {isAsked && (
        <Dialog title={`Delete ${formatAmount(events, "event")}?`} onClose={() => setAsked(false)}>
          <p>Their time is over. Nothing brings them back but an archive or a backup.</p>
          {run.error !== null && <p role="alert">{failureOf(run.error).message}</p>}
          <DialogFoot>
            <Button onClick={() => setAsked(false)}>Cancel</Button>
            <Button
              tone="danger"
              disabled={run.isPending}
              onClick={() => run.mutate(undefined, { onSuccess: () => setAsked(false) })}
            >
              Delete the events
            </Button>
          </DialogFoot>
        </Dialog>
      )}
    </section>
  );
}
