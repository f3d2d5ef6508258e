import "./ui/base.css";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiClient, ApiContext, ApiError, SESSION_KEY } from "./api/index.ts";
import { createConsoleRouter } from "./router.tsx";
import { startClock } from "./ui/clock.ts";
import { CommandRegistry } from "./ui/commands/registry.ts";
import { type Environment, EnvironmentContext } from "./ui/index.ts";
import { openPreferences } from "./ui/preferences.ts";
import { Toasts } from "./ui/toasts.ts";

/** Puts the console together. Nothing else constructs, reads the clock or touches the browser's storage. */
function start(host: HTMLElement): void {
  const environment: Environment = {
    preferences: openPreferences(localStorage, document.documentElement),
    clock: startClock(() => Date.now()),
    toasts: new Toasts(),
    commands: new CommandRegistry(),
    isMac: navigator.userAgent.includes("Mac"),
  };
  const queries = createQueryClient();
  createRoot(host).render(
    <StrictMode>
      <EnvironmentContext value={environment}>
        <ApiContext value={new ApiClient()}>
          <QueryClientProvider client={queries}>
            <RouterProvider router={createConsoleRouter()} />
          </QueryClientProvider>
        </ApiContext>
      </EnvironmentContext>
    </StrictMode>,
  );
}

function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      // A session that ended shows the login, wherever one is.
      onError: (error) => {
        if (error instanceof ApiError && error.status === 401) client.setQueryData(SESSION_KEY, null);
      },
    }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < 2 && error instanceof ApiError && error.status >= 500,
        refetchOnWindowFocus: true,
        // The browser's own opinion about the network says nothing about a server on this machine.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
  return client;
}

const host = document.getElementById("root");
if (host !== null) start(host);
