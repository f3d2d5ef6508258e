import type { Entity, Micros } from "@tyto/domain";

/** The ways in that the demo uses; each is a real input of the server. */
export type DemoInput = "syslog-udp" | "syslog-tcp" | "http";

/** One log line of the day, as its sender would send it, without framing. */
export interface DemoRecord {
  readonly at: Micros;
  readonly input: DemoInput;
  /** Host name for syslog; the name in `?source=` for HTTP. */
  readonly source: string;
  readonly text: string;
}

/** What really happened behind one or several lines: the ground truth that detection is measured on. */
export interface LoginAttempt {
  readonly at: Micros;
  readonly address: string;
  readonly account: string;
  readonly host: string;
  readonly outcome: "success" | "failure";
}

/** An alert that a story must lead to. */
export interface ExpectedAlert {
  /** The rules' `cause` (`brute-force`): several rules may see it, one alert must come of it. */
  readonly cause: string;
  /** At least one of these is among the alert's entities. */
  readonly entities: readonly Entity[];
  /** Attempts that a person would count, lines that stand for several included. */
  readonly count: number;
}

/** What a story hid in the day. */
export interface StoryAnswer {
  readonly name: string;
  readonly description: string;
  readonly from: Micros;
  readonly to: Micros;
  readonly entities: readonly Entity[];
  readonly expected: readonly ExpectedAlert[];
  /** Which events belong to it: all of these fields, any of the values, within the window. */
  readonly events: readonly { readonly field: string; readonly values: readonly string[] }[];
}

/** Something harmless that looks like an attack: no alert of the named causes may name its entities in its window. */
export interface TwinAnswer {
  readonly name: string;
  readonly description: string;
  readonly from: Micros;
  readonly to: Micros;
  readonly entities: readonly Entity[];
  readonly mustNotRaise: readonly string[];
}

/** Collects what a part of the generator writes. */
export class Logbook {
  readonly records: DemoRecord[] = [];
  readonly attempts: LoginAttempt[] = [];
  readonly twins: TwinAnswer[] = [];

  write(record: DemoRecord): void {
    this.records.push(record);
  }

  attempt(attempt: LoginAttempt): void {
    this.attempts.push(attempt);
  }

  twin(twin: TwinAnswer): void {
    this.twins.push(twin);
  }
}
