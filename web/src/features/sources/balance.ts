export interface Account {
  readonly received: number;
  readonly stored: number;
  readonly filtered: number;
  readonly quarantined: number;
  readonly queued: number;
}

/** Received minus everything accounted for: 0 when the books balance. */
export function differenceOf({ received, stored, filtered, quarantined, queued }: Account): number {
  return received - stored - filtered - quarantined - queued;
}
