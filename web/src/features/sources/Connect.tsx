import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { CopyButton } from "../../ui/index.ts";
import { connectSnippets, type Listening } from "./connect-snippets.ts";
import css from "./Sources.module.css";

/** How to point something at this Tyto: nothing to register, the first record makes the source. */
export function Connect({ listening }: { readonly listening: readonly Listening[] }): ReactNode {
  return (
    <div className={css["connect"]}>
      <section>
        <h2>Tyto listens on</h2>
        <dl className={css["listening"]}>
          {listening.map(({ input, address }) => (
            <ListeningLine key={`${input} ${address}`} input={input} address={address} />
          ))}
        </dl>
      </section>
      {connectSnippets(listening, location.hostname).map((snippet) => (
        <section key={snippet.title} className={css["snippet"]}>
          <div className={css["snippetHead"]}>
            <h2>{snippet.title}</h2>
            <span className="muted small">{snippet.note}</span>
            <span className="grow" />
            <CopyButton text={snippet.text} label="Copy" />
          </div>
          <pre tabIndex={0} aria-label={snippet.title}>
            {snippet.text}
          </pre>
        </section>
      ))}
      <p className="muted">
        HTTP needs an ingest token: <Link to="/tokens">make one</Link>. Files:{" "}
        <code>npx tyto import FILE</code> on this machine.
      </p>
    </div>
  );
}

function ListeningLine({ input, address }: Listening): ReactNode {
  return (
    <>
      <dt className="muted">{input}</dt>
      <dd className="mono">{address}</dd>
    </>
  );
}
