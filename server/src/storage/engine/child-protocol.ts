/** What parent and engine child say to each other over IPC. Everything else goes over HTTP on loopback. */

/** Sent once by the parent; the secret is neither in the environment nor on the command line. */
export interface StartMessage {
  readonly kind: "start";
  readonly directory: string;
  readonly configPath: string;
  readonly secret: string;
  readonly readers: number;
  /** Of an encrypted disk, 64 hexadecimal digits. It becomes an environment variable in the child alone, which `/proc` does not show. */
  readonly diskKey?: string;
}

export type ParentMessage = StartMessage | { readonly kind: "stop" };

export type ChildMessage =
  | { readonly kind: "ready"; readonly port: number }
  /** The engine could not be opened; the child ends after it. The engine's own words are on standard error. */
  | { readonly kind: "failed"; readonly message: string };

/**
 * Which of the child's sessions runs a statement: one session runs one statement at a time. `probe` is kept free for health
 * checks and for KILL QUERY.
 */
export const LANES = ["write", "read", "probe"] as const;
export type Lane = (typeof LANES)[number];

/** Header that names the lane; `read` when absent. */
export const LANE_HEADER = "x-tyto-lane";

/** The one user of the engine. */
export const ENGINE_USER = "tyto";

export function isLane(text: unknown): text is Lane {
  return LANES.some((lane) => lane === text);
}
