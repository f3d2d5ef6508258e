import { createContext, useContext, useEffect, useRef } from "react";
import type { Command, CommandRegistry } from "./commands/registry.ts";
import { useMay } from "./permissions.ts";
import type { Preferences } from "./preferences.ts";
import { type Store, useStore } from "./store.ts";
import type { Zone } from "./time/instant.ts";
import type { Toasts } from "./toasts.ts";

/** What every screen stands on; `main.tsx` builds it once. */
export interface Environment {
  readonly preferences: Store<Preferences>;
  readonly clock: Store<number>;
  readonly toasts: Toasts;
  readonly commands: CommandRegistry;
  readonly isMac: boolean;
}

export const EnvironmentContext = createContext<Environment | null>(null);

export function useEnvironment(): Environment {
  const environment = useContext(EnvironmentContext);
  if (environment === null) throw new Error("The page was rendered outside its EnvironmentContext");
  return environment;
}

export function usePreferences(): readonly [Preferences, (change: Partial<Preferences>) => void] {
  const { preferences } = useEnvironment();
  const current = useStore(preferences);
  return [current, (change) => preferences.set({ ...preferences.get(), ...change })];
}

/** The present in milliseconds, moving in steps of a few seconds. */
export function useNow(): number {
  return useStore(useEnvironment().clock);
}

export function useZone(): Zone {
  return useStore(useEnvironment().preferences).zone;
}

export function useToasts(): Toasts {
  return useEnvironment().toasts;
}

/** Offers these commands while the calling component is mounted. */
export function useCommands(commands: readonly Command[]): void {
  const { commands: registry } = useEnvironment();
  const may = useMay();
  const owner = useRef(Symbol("commands"));
  // After every render: a command closes over what the screen shows now.
  useEffect(() =>
    registry.register(
      owner.current,
      commands.filter(({ needs }) => may(needs)),
    ),
  );
  useEffect(() => {
    const symbol = owner.current;
    return () => registry.unregister(symbol);
  }, [registry]);
}
