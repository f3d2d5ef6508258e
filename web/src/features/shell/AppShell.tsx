import { IconDots } from "@tabler/icons-react";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { ApiError, useHealth, useLogout, useUsername } from "../../api/index.ts";
import { MenuHeading, MenuItem, Popover, useCommands, usePreferences } from "../../ui/index.ts";
import css from "./AppShell.module.css";
import { HelpDialog } from "./HelpDialog.tsx";
import { Mark } from "./Mark.tsx";
import { OTHER_PAGES, PAGES } from "./pages.ts";
import { Palette } from "./Palette.tsx";
import { ToastHost } from "./ToastHost.tsx";
import { useLive } from "./use-live.ts";
import { useKeyHost } from "./use-key-host.ts";

type Layer = "none" | "palette" | "help";

/** What stands around every screen once somebody is signed in. */
export function AppShell(): ReactNode {
  const [layer, setLayer] = useState<Layer>("none");
  useKeyHost();
  useLive();
  useShellCommands(setLayer);
  return (
    <div className={css["shell"]}>
      <a href="#content" className={css["skip"]}>
        Skip to content
      </a>
      <Rail onHelp={() => setLayer("help")} />
      <main id="content" tabIndex={-1} className={css["content"]}>
        <ServerBanner />
        <div className={css["outlet"]}>
          <Outlet />
        </div>
      </main>
      <ToastHost />
      {layer === "palette" && <Palette onClose={() => setLayer("none")} />}
      {layer === "help" && <HelpDialog onClose={() => setLayer("none")} />}
    </div>
  );
}

function useShellCommands(setLayer: (layer: Layer) => void): void {
  const navigate = useNavigate();
  const [{ theme, zone }, change] = usePreferences();
  const logout = useLogout();
  useCommands([
    ...PAGES.map((page) => ({
      id: `go-${page.key}`,
      label: page.name,
      group: "Go to" as const,
      keys: [`g ${page.key}`],
      run: () => void navigate({ to: page.to }),
    })),
    ...OTHER_PAGES.map(({ to, name }) => ({
      id: `go-${to}`,
      label: name,
      group: "Go to" as const,
      run: () => void navigate({ to }),
    })),
    {
      id: "palette",
      label: "Find a command",
      group: "Console",
      keys: ["Mod+k"],
      run: () => setLayer("palette"),
      isForTyping: true,
      isQuiet: true,
    },
    { id: "help", label: "Keys and help", group: "Console", keys: ["?"], run: () => setLayer("help") },
    {
      id: "theme",
      label: theme === "dark" ? "Light theme" : "Dark theme",
      group: "Console",
      run: () => change({ theme: theme === "dark" ? "light" : "dark" }),
    },
    {
      id: "theme-system",
      label: "Theme of the system",
      group: "Console",
      run: () => change({ theme: "system" }),
    },
    {
      id: "zone",
      label: zone === "utc" ? "Times in local time" : "Times in UTC",
      group: "Console",
      run: () => change({ zone: zone === "utc" ? "local" : "utc" }),
    },
    { id: "logout", label: "Sign out", group: "Console", run: () => logout.mutate() },
  ]);
}

function Rail({ onHelp }: { readonly onHelp: () => void }): ReactNode {
  return (
    <nav className={css["rail"]} aria-label="Pages">
      <Link to="/" className={css["mark"]} aria-label="Tyto" aria-current={false}>
        <Mark />
      </Link>
      {PAGES.map(({ to, name, Icon }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === "/" }}
          activeProps={{ "aria-current": "page" }}
          aria-label={name}
        >
          <Icon size={18} stroke={1.6} aria-hidden="true" />
          <span className={css["name"]} aria-hidden="true">
            {name}
          </span>
        </Link>
      ))}
      <span className="grow" />
      <ConsoleMenu onHelp={onHelp} />
    </nav>
  );
}

const THEMES = ["system", "dark", "light"] as const;

function ConsoleMenu({ onHelp }: { readonly onHelp: () => void }): ReactNode {
  const username = useUsername();
  const logout = useLogout();
  const [{ theme }, change] = usePreferences();
  return (
    <Popover
      label="Console"
      role="menu"
      trigger={(props) => (
        <button type="button" {...props} aria-label="Console and account">
          <IconDots size={18} stroke={1.6} aria-hidden="true" />
        </button>
      )}
    >
      {(close) => (
        <>
          <MenuHeading>Signed in as {username}</MenuHeading>
          {THEMES.map((one) => (
            <MenuItem key={one} isChecked={theme === one} onSelect={() => change({ theme: one })}>
              {{ system: "Theme of the system", dark: "Dark", light: "Light" }[one]}
            </MenuItem>
          ))}
          <MenuItem
            onSelect={() => {
              close();
              onHelp();
            }}
          >
            Keys and help <span className="grow" /> <kbd>?</kbd>
          </MenuItem>
          <MenuItem onSelect={() => logout.mutate()}>Sign out</MenuItem>
        </>
      )}
    </Popover>
  );
}

/** Says so when what the screens show may be old. */
function ServerBanner(): ReactNode {
  const health = useHealth();
  if (health.error instanceof ApiError && health.error.code === "offline") {
    return (
      <div className={css["banner"]} role="status">
        The server does not answer. What you see may be old; the console tries again every few seconds.
      </div>
    );
  }
  if (health.data !== undefined && health.data.status !== "ok") {
    return (
      <div className={css["banner"]} role="status">
        Tyto is {health.data.status}
        {health.data.reasons.length > 0 && `: ${health.data.reasons.join("; ")}`}
      </div>
    );
  }
  return null;
}
