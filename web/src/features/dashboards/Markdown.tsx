import { type ReactNode } from "react";
import { LogText } from "../../ui/index.ts";
import css from "./Dashboards.module.css";
import { readMarkdown, type Inline, type MarkdownBlock } from "./markdown.ts";

/** A subset of Markdown as elements of ours; text stays text, whatever stands in it. Addresses are shown, never linked. */
export function Markdown({ text }: { readonly text: string }): ReactNode {
  return (
    <div className={css["markdown"]}>
      {readMarkdown(text).map((block, at) => (
        <Block key={at} block={block} />
      ))}
    </div>
  );
}

function Block({ block }: { readonly block: MarkdownBlock }): ReactNode {
  switch (block.kind) {
    case "heading":
      return (
        <h3>
          <Line parts={block.parts} />
        </h3>
      );
    case "paragraph":
      return (
        <p>
          <Line parts={block.parts} />
        </p>
      );
    case "code":
      return (
        <pre>
          <LogText text={block.text} layout="block" />
        </pre>
      );
    case "list": {
      const items = block.items.map((parts, at) => (
        <li key={at}>
          <Line parts={parts} />
        </li>
      ));
      return block.isOrdered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
  }
}

function Line({ parts }: { readonly parts: readonly Inline[] }): ReactNode {
  return parts.map(({ kind, text }, at) => {
    const shown = <LogText key={at} text={text} limit={4_000} />;
    if (kind === "strong") return <strong key={at}>{shown}</strong>;
    if (kind === "emphasis") return <em key={at}>{shown}</em>;
    return kind === "code" ? <code key={at}>{shown}</code> : shown;
  });
}
