export * from "./access.ts";
export * from "./alerts.ts";
export * from "./backtest.ts";
export * from "./basics.ts";
export * from "./events.ts";
export * from "./overview.ts";
export * from "./rule-reload.ts";
export * from "./search.ts";
