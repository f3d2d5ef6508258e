import "./ui/base.css";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiClient, ApiContext, ApiError, noteLapsed } from "./api/index.ts";
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
  const onError = (error: unknown) => {
    if (error instanceof ApiError && error.status === 401) noteLapsed(client);
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => onError(error),
    }),
    mutationCache: new MutationCache({
      // A wrong password at the door is no session that ended.
      onError: (error, _variables, _context, { options }) => {
        if (options.meta?.["isEntrance"] !== true) onError(error);
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
