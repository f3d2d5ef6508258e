import { createContext, useContext } from "react";
import type { ApiClient } from "./client.ts";

export const ApiContext = createContext<ApiClient | null>(null);

export function useApi(): ApiClient {
  const api = useContext(ApiContext);
  if (api === null) throw new Error("The page was rendered outside its ApiContext");
  return api;
}
