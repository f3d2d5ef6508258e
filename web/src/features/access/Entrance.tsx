import { type ReactNode, useEffect } from "react";
import { Button, failureOf } from "../../ui/index.ts";
import { Mark } from "../shell/Mark.tsx";
import css from "./Entrance.module.css";

interface EntranceProps {
  readonly title: string;
  readonly lead: ReactNode;
  readonly error: unknown;
  readonly isBusy: boolean;
  readonly submitLabel: string;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

/** The frame of the two screens before the console. */
export function Entrance(props: EntranceProps): ReactNode {
  const { title, error } = props;
  useEffect(() => {
    document.title = `${title} · Tyto`;
  }, [title]);
  const failure = error === null ? undefined : failureOf(error);
  return (
    <main className={css["entrance"]}>
      <div className={css["card"]}>
        <div className={css["brand"]}>
          <Mark size={28} />
          Tyto
        </div>
        <div>
          <h1>{title}</h1>
          <p className="muted">{props.lead}</p>
        </div>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            props.onSubmit();
          }}
        >
          {props.children}
          {failure !== undefined && (
            <div role="alert" className={css["problem"]}>
              {failure.message}
              {failure.hint !== undefined && <div className="muted">{failure.hint}</div>}
            </div>
          )}
          <div className={css["submit"]}>
            <Button type="submit" tone="primary" disabled={props.isBusy}>
              {props.submitLabel}
            </Button>
          </div>
        </form>
      </div>
    </main>
  );
}
