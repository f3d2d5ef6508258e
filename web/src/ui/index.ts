/**
 * Owns how the console looks and feels: tokens, controls, tables, charts, time, keys, and the one component that shows log
 * text. Refuses data fetching and knowledge of screens. Promises that hostile text stays text.
 */
export * from "./Button.tsx";
export * from "./charts/buckets.ts";
export * from "./charts/ChartBox.tsx";
export * from "./charts/FlowChart.tsx";
export * from "./charts/HeatGrid.tsx";
export * from "./charts/RankBars.tsx";
export * from "./charts/RateLine.tsx";
export * from "./charts/SeriesChart.tsx";
export { colouredSeries } from "./charts/chart-words.ts";
export * from "./charts/TimeBars.tsx";
export type { Command } from "./commands/registry.ts";
export { copyText } from "./copy.ts";
export { DetailPanel } from "./DetailPanel.tsx";
export { PasswordField } from "./PasswordField.tsx";
export { download, downloadText } from "./download.ts";
export { CopyButton } from "./CopyButton.tsx";
export * from "./EntityChip.tsx";
export * from "./environment.ts";
export * from "./Field.tsx";
export { Keys } from "./Keys.tsx";
export { ActionMenu, type MenuAction } from "./overlay/ActionMenu.tsx";
export * from "./overlay/Dialog.tsx";
export * from "./overlay/Popover.tsx";
export { ShownOnce } from "./overlay/ShownOnce.tsx";
export { Page } from "./Page.tsx";
export { PermissionsContext, useMay, useRefusal } from "./permissions.ts";
export { Severity } from "./Severity.tsx";
export { SplitView } from "./SplitView.tsx";
export * from "./States.tsx";
export * from "./Tabs.tsx";
export * from "./text/format.ts";
export { defang } from "./text/hostile-text.ts";
export { LogText } from "./text/LogText.tsx";
export { Sentence } from "./text/Sentence.tsx";
export * from "./time/instant.ts";
export { Time } from "./time/Time.tsx";
export { TimePicker } from "./time/TimePicker.tsx";
export * from "./time/time-range.ts";
export * from "./VirtualGrid.tsx";
export { useRowKeys } from "./use-row-keys.ts";
