import { type ReactNode, useMemo, useState } from "react";
import { formatCount } from "./format.ts";
import { cutText, markTerms, segmentHostileText } from "./hostile-text.ts";
import css from "./LogText.module.css";

interface LogTextProps {
  readonly text: string;
  /** Evidence to mark, whatever its case. */
  readonly marks?: readonly string[];
  /** `block` keeps line breaks and tabs; `line` shows them as markers. */
  readonly layout?: "line" | "block";
  /** Longer text is cut, with a button that shows the rest. */
  readonly limit?: number;
  /** In table cells the cut has no button: the row opens the whole. */
  readonly isExpandable?: boolean;
}

const NO_MARKS: readonly string[] = [];

/** The only way in which this console shows text that came out of a log. Text nodes only, nothing hidden, nothing linked. */
export function LogText({
  text,
  marks = NO_MARKS,
  layout = "line",
  limit = 600,
  isExpandable = true,
}: LogTextProps): ReactNode {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? text : cutText(text, limit);
  const segments = useMemo(
    () => segmentHostileText(shown, layout === "block" ? "layout" : "nothing"),
    [shown, layout],
  );
  return (
    <bdi className={css[layout]}>
      {segments.map((segment, index) =>
        segment.kind === "marker" ? (
          <span key={index} className={css["marker"]} title={segment.description}>
            {segment.label}
          </span>
        ) : (
          <Marked key={index} text={segment.text} marks={marks} />
        ),
      )}
      {shown.length < text.length &&
        (isExpandable ? (
          <button
            type="button"
            className={css["more"]}
            onClick={(event) => {
              event.stopPropagation();
              setWhole(true);
            }}
          >
            + {formatCount(text.length - shown.length)} characters
          </button>
        ) : (
          "…"
        ))}
    </bdi>
  );
}

function Marked({ text, marks }: { readonly text: string; readonly marks: readonly string[] }): ReactNode {
  if (marks.length === 0) return text;
  return markTerms(text, marks).map((part, index) =>
    part.isMarked ? <mark key={index}>{part.text}</mark> : part.text,
  );
}
