import type { EntityProfile } from "@tyto/domain";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useAlerts, useEntityProfile } from "../../api/index.ts";
import {
  Button,
  buttonClass,
  Empty,
  EntityList,
  ErrorNote,
  formatAmount,
  formatCount,
  humanise,
  LogText,
  Page,
  Select,
  Severity,
  Skeleton,
  TextInput,
  Time,
  TimePicker,
  useZone,
} from "../../ui/index.ts";
import { AssetCard } from "../assets/AssetCard.tsx";
import css from "./EntityPage.module.css";
import { Entity } from "./Entity.tsx";
import { searchForEntity } from "./entity-query.ts";
import { ENTITY_TYPES, type EntitySearch } from "./entity-url.ts";
import { heatDays, heatLevel } from "./heat.ts";

const route = getRouteApi("/entity");

/** Who or what this is: when it was seen, with what, from where, and what alerts say about it. */
export function EntityPage(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const range = { from: search.from ?? "-30d", to: search.to ?? "now" };
  const { type, value } = search;
  return (
    <Page
      title={
        value === undefined
          ? "Entity"
          : `${type === "ip" ? "Address" : humanise(type ?? "user")} ${value.slice(0, 80)}`
      }
      actions={
        <TimePicker
          value={range}
          onChange={(next) => void navigate({ search: { ...search, from: next?.from, to: next?.to } })}
        />
      }
    >
      {type === undefined || value === undefined ? (
        <Finder onFind={(next) => void navigate({ search: next })} />
      ) : (
        <Profile type={type} value={value} range={range} />
      )}
    </Page>
  );
}

function Finder({ onFind }: { readonly onFind: (search: EntitySearch) => void }): ReactNode {
  const [type, setType] = useState<(typeof ENTITY_TYPES)[number]>("user");
  const [value, setValue] = useState("");
  return (
    <form
      className={css["finder"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (value.trim() !== "") onFind({ type, value: value.trim() });
      }}
    >
      <p>Look a user, a host, an address or a file up.</p>
      <div>
        <Select
          aria-label="Kind"
          value={type}
          onChange={(event) => setType(ENTITY_TYPES.find((one) => one === event.target.value) ?? "user")}
        >
          {ENTITY_TYPES.map((one) => (
            <option key={one} value={one}>
              {humanise(one)}
            </option>
          ))}
        </Select>
        <TextInput
          aria-label="Name or value"
          value={value}
          onChange={(event) => setValue(event.target.value)}
        />
        <Button type="submit" tone="primary">
          Show
        </Button>
      </div>
    </form>
  );
}

interface ProfileProps {
  readonly type: (typeof ENTITY_TYPES)[number];
  readonly value: string;
  readonly range: { readonly from: string; readonly to: string };
}

function Profile({ type, value, range }: ProfileProps): ReactNode {
  const { data, error, refetch } = useEntityProfile({ type, value, ...range });
  return (
    <div className={css["grid"]}>
      <section className={css["card"]}>
        <h2>
          <LogText text={value} limit={200} />
        </h2>
        {error !== null ? (
          <ErrorNote error={error} onRetry={() => void refetch()} />
        ) : data === undefined ? (
          <Skeleton lines={3} />
        ) : (
          <Facts profile={data} />
        )}
      </section>
      <AssetCard type={type} value={value} />
      {data !== undefined && data.events > 0 && (
        <>
          <Calendar hours={data.hours} />
          <Logons logons={data.logons} />
          <Related related={data.related} />
        </>
      )}
      <Alerts value={value} />
    </div>
  );
}

function Facts({ profile }: { readonly profile: EntityProfile }): ReactNode {
  const { events, firstSeen, lastSeen, alerts, entity } = profile;
  if (events === 0 || firstSeen === null || lastSeen === null)
    return (
      <Empty title="No event names it in this time">
        It may have aged out, or be known from the register alone. Try a longer time.
      </Empty>
    );
  return (
    <dl className={css["facts"]}>
      <dt>First seen</dt>
      <dd>
        <Time value={firstSeen} as="instant" />
      </dd>
      <dt>Last seen</dt>
      <dd>
        <Time value={lastSeen} as="instant" />{" "}
        <span className="muted">
          <Time value={lastSeen} />
        </span>
      </dd>
      <dt>Events</dt>
      <dd>
        <Link to="/search" search={{ ...searchForEntity(entity), from: profile.from, to: profile.to }}>
          {formatCount(events)}
        </Link>
      </dd>
      <dt>Alerts</dt>
      <dd>
        <Link to="/alerts" search={{ entity: entity.value, status: "all" }}>
          {formatAmount(alerts.total, "alert")}
        </Link>
        {alerts.open > 0 && (
          <>
            ,{" "}
            <Link to="/alerts" search={{ entity: entity.value }}>
              {formatCount(alerts.open)} open
            </Link>
          </>
        )}
        {alerts.worst !== null && (
          <>
            {" "}
            <Severity level={alerts.worst} />
          </>
        )}
      </dd>
    </dl>
  );
}

function Calendar({ hours }: { readonly hours: EntityProfile["hours"] }): ReactNode {
  const zone = useZone();
  const days = heatDays(hours, zone);
  const most = Math.max(0, ...hours.map(({ count }) => count));
  return (
    <section className={`${css["card"] ?? ""} ${css["wide"] ?? ""}`}>
      <h2>Activity by hour</h2>
      <p className="muted small">
        The stronger the colour, the more events; times in {zone === "utc" ? "UTC" : "your time zone"}.
      </p>
      <div className={css["heat"]} tabIndex={0} role="region" aria-label="Activity by day and hour">
        <table>
          <thead>
            <tr>
              <th scope="col">Day</th>
              {Array.from({ length: 24 }, (_, hour) => (
                <th key={hour} scope="col">
                  {hour % 3 === 0 ? (
                    String(hour).padStart(2, "0")
                  ) : (
                    <span className="visually-hidden">{hour}</span>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map(({ day, hours: values }) => (
              <tr key={day}>
                <th scope="row" className="mono">
                  {day.slice(5)}
                </th>
                {values.map((count, hour) => (
                  <td
                    key={hour}
                    data-level={heatLevel(count, most)}
                    title={`${day} ${String(hour).padStart(2, "0")}:00: ${formatAmount(count, "event")}`}
                  >
                    <span className="visually-hidden">{count}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Bars, no map: the shapes of countries would be most of what the page loads. */
function Logons({ logons }: { readonly logons: EntityProfile["logons"] }): ReactNode {
  const most = Math.max(1, ...logons.map(({ succeeded, failed }) => succeeded + failed));
  return (
    <section className={css["card"]}>
      <h2>Logons by country</h2>
      {logons.length === 0 ? (
        <p className="muted">No event of this time is a login.</p>
      ) : (
        <table className={css["countries"]}>
          <thead>
            <tr>
              <th scope="col">Country</th>
              <th scope="col">
                <span className="visually-hidden">Share</span>
              </th>
              <th scope="col" className="num">
                Succeeded
              </th>
              <th scope="col" className="num">
                Failed
              </th>
            </tr>
          </thead>
          <tbody>
            {logons.map(({ country, succeeded, failed }) => (
              <tr key={country}>
                <th scope="row">{countryName(country)}</th>
                <td>
                  <svg
                    width="100%"
                    height="8"
                    aria-hidden="true"
                    preserveAspectRatio="none"
                    viewBox="0 0 100 8"
                  >
                    <rect width={(succeeded / most) * 100} height="8" className={css["good"]} />
                    <rect
                      x={(succeeded / most) * 100}
                      width={(failed / most) * 100}
                      height="8"
                      className={css["bad"]}
                    />
                  </svg>
                </td>
                <td className="num">{formatCount(succeeded)}</td>
                <td className="num">{formatCount(failed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const COUNTRIES = new Intl.DisplayNames(["en"], { type: "region" });

function countryName(code: string): string {
  if (code === "unknown") return "Unknown, or inside";
  return /^[A-Z]{2}$/.test(code) ? (COUNTRIES.of(code) ?? code) : code.slice(0, 40);
}

function Related({ related }: { readonly related: EntityProfile["related"] }): ReactNode {
  const types = [...new Set(related.map(({ entity }) => entity.type))];
  return (
    <section className={css["card"]}>
      <h2>Seen together with</h2>
      {types.length === 0 && <p className="muted">Nothing else is named in its events.</p>}
      <dl className={css["facts"]}>
        {types.map((type) => (
          <div key={type} className={css["pair"]}>
            <dt>{humanise(type)}</dt>
            <dd>
              <EntityList>
                {related
                  .filter(({ entity }) => entity.type === type)
                  .map(({ entity, count }) => (
                    <span key={entity.value} className={css["counted"]}>
                      <Entity entity={entity} /> <span className="muted small">{formatCount(count)}</span>
                    </span>
                  ))}
              </EntityList>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const SHOWN_ALERTS = 10;

function Alerts({ value }: { readonly value: string }): ReactNode {
  const { data } = useAlerts({ entity: value, sort: "lastSeen" });
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className={`${css["card"] ?? ""} ${css["wide"] ?? ""}`}>
      <h2>Alerts</h2>
      {items.length === 0 && data !== undefined && <p className="muted">No alert is about it.</p>}
      <ul className={css["alerts"]}>
        {items.slice(0, SHOWN_ALERTS).map((alert) => (
          <li key={alert.id}>
            <Severity level={alert.severity} />
            <Link to="/alerts/$alertId" params={{ alertId: alert.id }} search={{}} className="ellipsis">
              <LogText text={alert.title} limit={120} isExpandable={false} />
            </Link>
            <span className="muted">{alert.status}</span>
            <span className="muted">
              <Time value={alert.lastSeen} />
            </span>
          </li>
        ))}
      </ul>
      {items.length > SHOWN_ALERTS && (
        <Link to="/alerts" search={{ entity: value, status: "all" }} className={buttonClass()}>
          Show all
        </Link>
      )}
    </section>
  );
}
