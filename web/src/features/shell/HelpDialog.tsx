import type { ReactNode } from "react";
import { useHealth } from "../../api/index.ts";
import { useStore } from "../../ui/store.ts";
import { type Command, Dialog, Keys, useEnvironment, usePreferences } from "../../ui/index.ts";
import css from "./Palette.module.css";

const GROUPS = ["Alert", "This page", "Go to", "Console"] as const satisfies readonly Command["group"][];

/** Guides are files of the installation and are not copied into the console: here is where they are. */
function About(): ReactNode {
  const { data } = useHealth();
  return (
    <section className={css["about"]}>
      <h3>More help</h3>
      <p>
        Lists also move with ↑ ↓, Page Up, Page Down, Home and End; Space selects. Dialogs and panels close
        with Esc.
      </p>
      <p className="muted">
        The guides are in the folder <code>docs/guides</code> of Tyto, among them <code>triage.md</code>,{" "}
        <code>search.md</code>, <code>users-and-roles.md</code> and <code>backup.md</code>; the query language
        is in <code>docs/reference</code>. Everything that the console does, the API does:{" "}
        <a href="/api/v1/openapi.json">its description</a>.
      </p>
      <p className="muted">Tyto {data?.version ?? ""}, Apache-2.0.</p>
    </section>
  );
}

/** The keys that do something here, and the switch that turns single ones off. */
export function HelpDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { commands } = useEnvironment();
  const [{ hasCharacterKeys }, change] = usePreferences();
  const bound = useStore(commands.store).filter((command) => command.keys !== undefined);
  return (
    <Dialog title="Keys" shape="wide" onClose={onClose}>
      <div className={css["columns"]}>
        {GROUPS.map((group) => {
          const members = bound.filter((command) => command.group === group);
          return members.length === 0 ? null : (
            <section key={group} className={css["group"]}>
              <h3>{group}</h3>
              {members.map((command) => (
                <div key={command.id} className={css["key"]}>
                  <span className="muted">{command.label}</span>
                  <Keys keys={command.keys?.[0] ?? ""} />
                </div>
              ))}
            </section>
          );
        })}
      </div>
      <label className={css["switch"]}>
        <input
          type="checkbox"
          checked={hasCharacterKeys}
          onChange={(event) => change({ hasCharacterKeys: event.target.checked })}
        />
        Single keys do something. Keys never act while you type.
      </label>
      <About />
    </Dialog>
  );
}
