import type { Permission } from "@tyto/domain";
import { Store } from "../store.ts";

/** Something a person can do here: by key, from the palette, and listed under `?`. */
export interface Command {
  readonly id: string;
  readonly label: string;
  readonly group: "Go to" | "This page" | "Alert" | "Console";
  /** In the spelling of `keyboard.ts`; the first is the one shown. */
  readonly keys?: readonly string[];
  readonly run: () => void;
  /** Also while a text field has the focus (only for keys with a modifier, and Escape). */
  readonly isForTyping?: boolean;
  /** Not worth a line in the palette: moving by one row, closing. */
  readonly isQuiet?: boolean;
  /** Not offered to who may not do it. */
  readonly needs?: Permission | undefined;
}

/** Every command that the mounted screens offer. The screen mounted last wins a key that two ask for. */
export class CommandRegistry {
  readonly #sets = new Map<symbol, readonly Command[]>();
  readonly store = new Store<readonly Command[]>([]);

  register(owner: symbol, commands: readonly Command[]): void {
    this.#sets.set(owner, commands);
    this.#publish();
  }

  unregister(owner: symbol): void {
    this.#sets.delete(owner);
    this.#publish();
  }

  #publish(): void {
    this.store.set([...this.#sets.values()].flat());
  }

  find(keys: string): Command | undefined {
    return this.store.get().findLast((command) => command.keys?.includes(keys));
  }

  bindings(): ReadonlySet<string> {
    return new Set(this.store.get().flatMap((command) => command.keys ?? []));
  }
}
