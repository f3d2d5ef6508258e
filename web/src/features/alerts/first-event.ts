/** The first event of a finding: its key ends in that event's id, whether a rule matched the event or a correlation began with it. */
export function firstEventOf(findingKey: string): string | undefined {
  return /[|-]([0-9a-f]{16}-\d+)$/.exec(findingKey)?.[1];
}
