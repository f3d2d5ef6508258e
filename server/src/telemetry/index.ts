/** Owns our own counters and logs: the one permitted process-wide registry. Refuses record contents and secrets. */
export {};
