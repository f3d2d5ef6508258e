import { formatMicros } from "@tyto/domain";
import type { Dashboard, DashboardList, DashboardView, Diagnostic } from "@tyto/domain";
import type { DashboardRecord } from "../../storage/index.ts";

type Head = Omit<DashboardView, "dashboard">;

function headOf(record: DashboardRecord, caller: string): Head {
  const { id, owner, isShared, version, createdAt, updatedAt, updatedBy } = record;
  return {
    id,
    owner,
    isOwn: owner === caller,
    isIncluded: false,
    shared: isShared,
    version,
    createdAt: formatMicros(createdAt),
    updatedAt: formatMicros(updatedAt),
    updatedBy,
  };
}

const includedHead = (id: string): Head => ({
  id,
  owner: "",
  isOwn: false,
  isIncluded: true,
  shared: true,
  version: 1,
  createdAt: null,
  updatedAt: null,
  updatedBy: "",
});

export function dashboardView(record: DashboardRecord, caller: string): DashboardView {
  return { ...headOf(record, caller), dashboard: record.dashboard };
}

export function includedView(id: string, dashboard: Dashboard): DashboardView {
  return { ...includedHead(id), dashboard };
}

type Item = DashboardList["items"][number];

const lineOf = (head: Head, { title, description, panels }: Dashboard): Item => ({
  ...head,
  title,
  description: description ?? "",
  panels: panels.length,
});

export function dashboardLine(record: DashboardRecord, caller: string): Item {
  return lineOf(headOf(record, caller), record.dashboard);
}

export function includedLine(id: string, dashboard: Dashboard): Item {
  return lineOf(includedHead(id), dashboard);
}

export function problemView({ severity, code, message, at, hint }: Diagnostic) {
  return { severity, code, message, line: at.line ?? null, column: at.column ?? null, hint: hint ?? null };
}
