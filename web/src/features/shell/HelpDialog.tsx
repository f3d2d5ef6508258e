import type { ReactNode } from "react";
import { useStore } from "../../ui/store.ts";
import { type Command, Dialog, Keys, useEnvironment, usePreferences } from "../../ui/index.ts";
import css from "./Palette.module.css";

const GROUPS = ["Alert", "This page", "Go to", "Console"] as const satisfies readonly Command["group"][];

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
    </Dialog>
  );
}
