import type { EventBody } from "@tyto/domain";
import { stringify } from "yaml";
import { useApi } from "../../../api/index.ts";

/** Say what Tyto made of the record, not what happened. */
const LEFT_OUT = /^(@timestamp|event\.(id|created|ingested|original|sequence)|message$)/;

/** Appends a stored event as a case. @throws ApiError when there is no such event. */
export function useAddCase({
  cases,
  onEdit,
}: {
  readonly cases: string;
  readonly onEdit: (cases: string) => void;
}): (event: string, isMatch: boolean) => Promise<void> {
  const api = useApi();
  return async (id, isMatch) => {
    const event = await api.request<EventBody>(`/events/${encodeURIComponent(id)}`);
    onEdit(withCase(cases, event, isMatch));
  };
}

export function withCase(cases: string, event: EventBody, isMatch: boolean): string {
  const fields = Object.fromEntries(Object.entries(event.fields).filter(([name]) => !LEFT_OUT.test(name)));
  const one = {
    name: `${event.summary.slice(0, 120)} (${event.id})`,
    expect: isMatch ? 1 : 0,
    events: [{ pack: event.pack, ...(event.rawEncoding === "utf8" ? { raw: event.raw } : {}), fields }],
  };
  const text = stringify([one], { lineWidth: 0 });
  const before = cases.trim() === "" ? "" : `${cases.trimEnd()}\n`;
  return before + text;
}
