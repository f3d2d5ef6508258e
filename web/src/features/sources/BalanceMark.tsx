import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { formatCount } from "../../ui/index.ts";
import css from "./Sources.module.css";

/** @param difference received minus everything accounted for */
export function BalanceMark({ difference }: { readonly difference: number }): ReactNode {
  return difference === 0 ? (
    <span className={`${css["balance"] ?? ""} ${css["good"] ?? ""}`}>
      <IconCheck size={14} aria-hidden="true" /> balanced
    </span>
  ) : (
    <span className={`${css["balance"] ?? ""} ${css["bad"] ?? ""}`}>
      <IconAlertTriangle size={14} aria-hidden="true" /> {formatCount(Math.abs(difference))}{" "}
      {difference > 0 ? "missing" : "too many"}
    </span>
  );
}
