import type { AlertDetail } from "@tyto/domain";
import type { ReactNode } from "react";
import { useEvidence, useFoundEvents } from "../../api/index.ts";
import { LogText, Time } from "../../ui/index.ts";
import { textOfValue } from "../events/field-values.ts";
import { quoteValue } from "../entities/entity-query.ts";
import { AlertEvidence } from "./AlertEvidence.tsx";
import css from "./AlertView.module.css";
import { marksOf } from "./matched-terms.ts";
import { type ProcessNode, processTrees } from "./process-tree.ts";
import { windowAround } from "./alert-window.ts";

const MAX_HOSTS = 3;

/** What led to what: the processes around the evidence, and the evidence as one story. */
export function AlertChainTab({ alert }: { readonly alert: AlertDetail }): ReactNode {
  const evidence = useEvidence(alert.id, alert.updatedAt);
  const items = evidence.data?.items ?? [];
  const hosts = [
    ...new Set(
      items
        .filter(
          ({ fields }) =>
            textOfValue(fields["process.pid"]) + textOfValue(fields["process.entity_id"]) !== "",
        )
        .map(({ fields }) => textOfValue(fields["host.name"]))
        .filter((host) => host !== ""),
    ),
  ].slice(0, MAX_HOSTS);
  const around = useFoundEvents(
    hosts.length === 0
      ? undefined
      : {
          text: `event.category:process (${hosts.map((host) => `host.name:${quoteValue(host)}`).join(" or ")})`,
          ...windowAround(alert, 60),
          limit: 1_000,
        },
  );
  const known = new Map([...(around.data?.items ?? []), ...items].map((event) => [event.id, event]));
  const trees = processTrees([...known.values()], new Set(items.map(({ id }) => id))).filter(
    (tree) => tree.children.length > 0,
  );
  return (
    <>
      {trees.length > 0 && (
        <section className={css["trees"]}>
          <h3>Processes</h3>
          {trees.map((tree) => (
            <ul key={tree.key}>
              <TreeNode node={tree} marks={marksOf(alert)} />
            </ul>
          ))}
        </section>
      )}
      <AlertEvidence alert={alert} />
    </>
  );
}

function TreeNode({
  node,
  marks,
}: {
  readonly node: ProcessNode;
  readonly marks: readonly string[];
}): ReactNode {
  return (
    <li>
      <div className={node.isEvidence ? css["treeHot"] : css["treeLine"]}>
        <b>
          <LogText text={node.name} limit={120} isExpandable={false} />
        </b>
        {node.commandLine !== "" && (
          <span className="mono muted">
            <LogText text={node.commandLine} limit={240} marks={marks} isExpandable={false} />
          </span>
        )}
        {node.event === undefined ? (
          <span className="muted small">no event of its start</span>
        ) : (
          <span className="muted small">
            <Time value={node.event.timestamp} as="clock" />
          </span>
        )}
      </div>
      {node.children.length > 0 && (
        <ul>
          {node.children.map((child) => (
            <TreeNode key={child.key} node={child} marks={marks} />
          ))}
        </ul>
      )}
    </li>
  );
}
