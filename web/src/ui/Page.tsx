import { type ReactNode, useEffect } from "react";
import css from "./Page.module.css";
import { ZoneSwitch } from "./time/TimePicker.tsx";

interface PageProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly layout?: "padded" | "full";
  readonly children: ReactNode;
}

/** A screen: its name, what it is about in numbers, its actions, its content. */
export function Page({ title, note, actions, layout = "padded", children }: PageProps): ReactNode {
  useEffect(() => {
    document.title = `${title} · Tyto`;
  }, [title]);
  return (
    <div className={css["page"]}>
      <header className={css["header"]}>
        <div className={css["title"]}>
          <h1>{title}</h1>
          <span className="muted ellipsis">{note}</span>
        </div>
        <span className="grow" />
        <ZoneSwitch />
        {actions}
      </header>
      <div className={layout === "padded" ? `${css["body"] ?? ""} ${css["padded"] ?? ""}` : css["body"]}>
        {children}
      </div>
    </div>
  );
}
