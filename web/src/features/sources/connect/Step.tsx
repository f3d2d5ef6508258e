import type { ReactNode } from "react";
import css from "./Connect.module.css";

/** One of the numbered parts of a set-up. */
export function Step({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <li className={css["step"]}>
      <h3>{title}</h3>
      <div className={css["stepBody"]}>{children}</div>
    </li>
  );
}
