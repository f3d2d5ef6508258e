import type { Source, SourceList } from "@tyto/domain";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import {
  Button,
  Empty,
  formatAmount,
  formatCount,
  formatRate,
  LogText,
  Sparkline,
  Time,
} from "../../ui/index.ts";
import { BalanceMark } from "./BalanceMark.tsx";
import { differenceOf } from "./balance.ts";
import { clockInWords } from "./clock.ts";
import { SourceSettings } from "./SourceSettings.tsx";
import { SourceHours } from "./SourceHours.tsx";
import css from "./Sources.module.css";

const COLUMNS = 12;

interface LedgerProps {
  readonly sources: SourceList;
  readonly onConnect: () => void;
}

/** The books: every record that was received is in exactly one column. */
export function Ledger({ sources, onConnect }: LedgerProps): ReactNode {
  if (sources.items.length === 0) {
    return (
      <Empty
        title="Nothing has sent anything yet"
        action={
          <Button needs="sources.change" tone="primary" onClick={onConnect}>
            Connect a source
          </Button>
        }
      >
        A source appears here with its first record; there is nothing to register.
      </Empty>
    );
  }
  return (
    <>
      <Equation sources={sources} />
      <table className={css["table"]}>
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">Input</th>
            <th scope="col">Read by</th>
            <th scope="col" className={css["num"]}>
              Received
            </th>
            <th scope="col" className={css["num"]}>
              Stored
            </th>
            <th scope="col" className={css["num"]}>
              Filtered
            </th>
            <th scope="col" className={css["num"]}>
              Quarantined
            </th>
            <th scope="col" className={css["num"]}>
              Queued
            </th>
            <th scope="col">Books</th>
            <th scope="col">Last 30 minutes</th>
            <th scope="col">Last event</th>
            <th scope="col">Clock</th>
          </tr>
        </thead>
        <tbody>
          {sources.items.map((source) => (
            <SourceRow key={source.id} source={source} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function Equation({ sources: { totals, udpDropped } }: { readonly sources: SourceList }): ReactNode {
  const terms = [
    { sign: "", name: "received", value: totals.received },
    { sign: "=", name: "stored", value: totals.stored },
    { sign: "+", name: "filtered", value: totals.filtered },
    { sign: "+", name: "quarantined", value: totals.quarantined },
    { sign: "+", name: "queued", value: totals.queued },
  ];
  return (
    <div className={css["equation"]}>
      {terms.map((term) => (
        <Term key={term.name} {...term} />
      ))}
      <span className="grow" />
      <BalanceMark difference={differenceOf(totals)} />
      {udpDropped !== null && udpDropped > 0 && (
        <span className={css["bad"]}>
          {formatAmount(udpDropped, "datagram")} dropped by the kernel before Tyto saw them
        </span>
      )}
    </div>
  );
}

function Term({
  sign,
  name,
  value,
}: {
  readonly sign: string;
  readonly name: string;
  readonly value: number;
}): ReactNode {
  return (
    <>
      {sign !== "" && <span className={css["sign"]}>{sign}</span>}
      <span className={css["term"]}>
        <b>{formatCount(value)}</b>
        <span>{name}</span>
      </span>
    </>
  );
}

function SourceRow({ source }: { readonly source: Source }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <SourceCells source={source} isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />
      {isOpen && (
        <tr>
          <td colSpan={COLUMNS}>
            <SourceSettings source={source} />
            <SourceHours source={source.id} />
          </td>
        </tr>
      )}
    </>
  );
}

interface SourceCellsProps {
  readonly source: Source;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function SourceCells({ source, isOpen, onToggle }: SourceCellsProps): ReactNode {
  const rate = source.rate.at(-1) ?? 0;
  return (
    <tr>
      <td className={css["name"]}>
        <Button
          tone="quiet"
          iconLabel={isOpen ? "Hide settings and books by hour" : "Show settings and books by hour"}
          aria-expanded={isOpen}
          onClick={onToggle}
        >
          {isOpen ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
        </Button>
        <Link to="/search" search={{ q: `source:"${source.id}"` }}>
          <LogText text={source.name} limit={100} isExpandable={false} />
        </Link>
      </td>
      <td className="muted">
        {source.input}
        {source.priority !== "normal" && <span className="small"> {source.priority}</span>}
        {source.isMasked && <span className="small"> masked</span>}
      </td>
      <td>
        {source.pack ?? <span className="muted">–</span>}
        {source.unknown > 0 && (
          <>
            {" "}
            <Link to="/search" search={{ q: `source:"${source.id}" pack:unknown` }} className="small">
              {formatAmount(source.unknown, "line")} not understood
            </Link>
          </>
        )}
      </td>
      <td className={css["num"]}>{formatCount(source.received)}</td>
      <td className={css["num"]}>{formatCount(source.stored)}</td>
      <td className={css["num"]}>{formatCount(source.filtered)}</td>
      <td className={css["num"]}>{formatCount(source.quarantined)}</td>
      <td className={css["num"]}>{formatCount(source.queued)}</td>
      <td>
        <BalanceMark difference={differenceOf(source)} />
      </td>
      <td>
        <div className={css["spark"]}>
          <Sparkline
            values={source.rate}
            label={`Events per second over 30 minutes, now ${formatRate(rate)}`}
          />
        </div>
      </td>
      <td className="muted">{source.lastEventAt === null ? "never" : <Time value={source.lastEventAt} />}</td>
      <td className="muted">
        {clockInWords(source.clockDelayMs)}
        {source.zone !== null && <span className="small"> {source.zone}</span>}
      </td>
    </tr>
  );
}
