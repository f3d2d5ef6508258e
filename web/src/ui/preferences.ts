import { Store } from "./store.ts";
import type { Zone } from "./time/instant.ts";

export type Theme = "system" | "dark" | "light";

/** What a person chose about the console itself. Kept in this browser; everything else is in the URL. */
export interface Preferences {
  readonly theme: Theme;
  readonly zone: Zone;
  /** Off: only keys with Ctrl or ⌘, Enter and Esc do something (WCAG 2.1.4). */
  readonly hasCharacterKeys: boolean;
  readonly panelWidth: number;
}

export const PANEL_WIDTH = { least: 380, usual: 520, most: 1_100 } as const;

const DEFAULTS: Preferences = {
  theme: "system",
  zone: "local",
  hasCharacterKeys: true,
  panelWidth: PANEL_WIDTH.usual,
};

const STORAGE_KEY = "tyto.preferences";

/** What was stored may be of another version, or of another hand: anything unfit falls back to the default. */
export function parsePreferences(text: string | null): Preferences {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? "{}");
  } catch {
    return DEFAULTS;
  }
  if (typeof stored !== "object" || stored === null) return DEFAULTS;
  const { theme, zone, hasCharacterKeys, panelWidth } = stored as Readonly<Record<string, unknown>>;
  return {
    theme: theme === "dark" || theme === "light" ? theme : "system",
    zone: zone === "utc" ? "utc" : "local",
    hasCharacterKeys: hasCharacterKeys !== false,
    panelWidth: typeof panelWidth === "number" ? clampPanelWidth(panelWidth) : DEFAULTS.panelWidth,
  };
}

export function clampPanelWidth(width: number): number {
  return Math.round(Math.min(PANEL_WIDTH.most, Math.max(PANEL_WIDTH.least, width)));
}

/** Writes through to the browser's storage and to the document's theme. */
export function openPreferences(storage: Storage, root: HTMLElement): Store<Preferences> {
  const store = new Store(parsePreferences(storage.getItem(STORAGE_KEY)));
  const apply = () => {
    const preferences = store.get();
    if (preferences.theme === "system") delete root.dataset["theme"];
    else root.dataset["theme"] = preferences.theme;
    storage.setItem(STORAGE_KEY, JSON.stringify(preferences));
  };
  store.subscribe(apply);
  apply();
  return store;
}
