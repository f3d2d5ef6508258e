import { CONNECTION_SECRETS, CONNECTION_SETTINGS, TytoError } from "@tyto/domain";
import type { ConnectionKind, ConnectionSecret, ConnectionSettings, InputKind } from "@tyto/domain";
import { Compile } from "typebox/compile";
import type { Check, PullContext, PullKind, PullWorld, TimeRange } from "./ports.ts";

/** A context before its settings and secrets are known to be the kind's. */
export type OpenContext = Omit<PullContext<ConnectionKind>, "settings" | "secret">;

/** A kind whose settings and secrets come as unknown values and are checked first. */
export interface SealedKind {
  readonly kind: ConnectionKind;
  readonly input: InputKind;
  readonly title: string;
  readonly needs: readonly string[];
  readonly canBackfill: boolean;
  unavailable(world: PullWorld): string | undefined;
  /** @throws TytoError `bad-request` naming the first value that is wrong. */
  check(given: Given, world: PullWorld): void;
  run(context: OpenContext, given: Given): Promise<void>;
  test(given: Given, world: PullWorld, signal: AbortSignal): Promise<readonly Check[]>;
  /** Undefined where the past cannot be asked for. */
  backfill(cursor: unknown, range: TimeRange, given: Given): unknown;
}

export interface Given {
  readonly settings: unknown;
  readonly secret: unknown;
}

interface Checked<K extends ConnectionKind> {
  readonly settings: ConnectionSettings<K>;
  readonly secret: ConnectionSecret<K>;
}

interface Checker<T> {
  Check(value: unknown): value is T;
  Errors(
    value: unknown,
  ): readonly { readonly instancePath: string; readonly message: string; readonly params: object }[];
}

export function sealKind<K extends ConnectionKind>(kind: PullKind<K>): SealedKind {
  const settingsChecker = Compile(CONNECTION_SETTINGS[kind.kind]) as unknown as Checker<
    ConnectionSettings<K>
  >;
  const secretChecker = Compile(CONNECTION_SECRETS[kind.kind]) as unknown as Checker<ConnectionSecret<K>>;
  const checked = ({ settings, secret }: Given): Checked<K> => {
    if (!settingsChecker.Check(settings)) throw wrong("settings", settingsChecker, settings);
    if (!secretChecker.Check(secret)) throw wrong("secret", secretChecker, secret);
    return { settings, secret };
  };
  return {
    kind: kind.kind,
    input: kind.input,
    title: kind.title,
    needs: kind.needs,
    canBackfill: kind.backfill !== undefined,
    unavailable: (world) => kind.unavailable?.(world),
    check: (given, world) => {
      const { settings } = checked(given);
      const reason = kind.unavailable?.(world) ?? kind.refuses?.(settings, world);
      if (reason !== undefined) throw new TytoError("bad-request", reason);
    },
    run: (context, given) => kind.run({ ...context, ...checked(given) }),
    test: (given, world, signal) => kind.test({ ...checked(given), world, signal }),
    backfill: (cursor, range, given) => kind.backfill?.(cursor, range, checked(given).settings),
  };
}

/** Never quotes the value: it may be a secret in the wrong place. */
function wrong(part: "settings" | "secret", checker: Checker<unknown>, value: unknown): TytoError {
  const [first] = checker.Errors(value);
  const path = (first?.instancePath ?? "").split("/").slice(1).join(".");
  const names = first === undefined ? "" : namesIn(first.params);
  const where = path === "" ? part : `${part}.${path}`;
  return new TytoError("bad-request", `${where} ${first?.message ?? "is not valid"}${names}`, {
    hint: "GET /api/v1/connections/kinds and docs/guides/connections.md say what each kind takes.",
  });
}

function namesIn(params: object): string {
  const lists = Object.values(params).filter((one): one is readonly unknown[] => Array.isArray(one));
  const names = lists.flat().filter((one) => typeof one === "string");
  return names.length === 0 ? "" : `: ${names.map((name) => name.slice(0, 64)).join(", ")}`;
}
