import { DEFAULT_TENANT, NO_LIMITS, QUERY_ALIASES, ROLE_NAMES, ROLES, TytoError } from "@tyto/domain";
import type { Micros, Permission, RoleLimits, RoleName } from "@tyto/domain";
import { filterOf, refuseOtherThanEvents } from "../../query/index.ts";
import type { QueryAccess, QueryExpression, QueryFrontend, TableName } from "../../query/index.ts";
import type { ControlStore, SettingsRepository } from "../../storage/index.ts";

/** What somebody may do, and what of the events they see. */
export interface ResolvedRole {
  readonly name: RoleName;
  readonly permissions: ReadonlySet<Permission>;
  /** Goes into each of their queries; `undefined` for who sees everything. */
  readonly access: QueryAccess | undefined;
}

/** Gives the session's role its meaning. */
export type RoleResolver = (name: RoleName) => Promise<ResolvedRole>;

export interface RoleBookOptions {
  readonly control: {
    readonly settings: SettingsRepository;
    readonly access: Pick<ControlStore["access"], "userByName">;
  };
  readonly query: Pick<QueryFrontend, "compileWith">;
  readonly now: () => Micros;
}

const SETTING = "roles.limits";
/** A masked value also stands in what holds the event whole, and in the lists of everything that is related. */
const WHOLE_FIELDS = ["raw", "message", "event.original", "related"] as const;
type Limits = Readonly<Record<RoleName, RoleLimits>>;

/** The roles with their limits. The only writer of these; limits that cannot be applied let nobody in. */
export class RoleBook {
  readonly #options: RoleBookOptions;
  #limits: Limits;
  readonly #resolved = new Map<RoleName, Promise<ResolvedRole>>();

  private constructor(options: RoleBookOptions, limits: Limits) {
    this.#options = options;
    this.#limits = limits;
  }

  static async open(options: RoleBookOptions): Promise<RoleBook> {
    const kept = await options.control.settings.get(SETTING);
    // Written by this class alone.
    const known = (kept === undefined ? {} : JSON.parse(kept)) as Partial<Record<RoleName, RoleLimits>>;
    const limitsOf = (name: RoleName): RoleLimits => known[name] ?? NO_LIMITS;
    return new RoleBook(options, {
      admin: NO_LIMITS,
      analyst: limitsOf("analyst"),
      viewer: limitsOf("viewer"),
      auditor: limitsOf("auditor"),
    });
  }

  limitsOf(name: RoleName): RoleLimits {
    return this.#limits[name];
  }

  readonly resolve: RoleResolver = (name) => {
    const known = this.#resolved.get(name);
    if (known !== undefined) return known;
    const resolving = this.#resolve(name);
    this.#resolved.set(name, resolving);
    // What failed once may have been the parser's process: tried again by the next request.
    resolving.catch(() => this.#resolved.delete(name));
    return resolving;
  };

  /** Limits of who acts when nobody looks: an export, a scheduled search. Tokens have none. @throws TytoError when they may not act any more */
  async accessOf(actor: string): Promise<QueryAccess | undefined> {
    if (actor.startsWith("token:")) return undefined;
    const user = await this.#options.control.access.userByName(actor);
    if (user?.isEnabled !== true) {
      throw new TytoError("forbidden", `${actor} has no account that is switched on`, {
        hint: "Who may see the events has to ask for them.",
      });
    }
    return (await this.resolve(user.role)).access;
  }

  /** @throws TytoError `bad-request` for a restriction that is no search over events, `conflict` for administrators */
  async setLimits(name: RoleName, limits: RoleLimits): Promise<void> {
    if (name === "admin") {
      throw new TytoError("conflict", "Administrators see everything", {
        hint: "Give the person another role.",
      });
    }
    const { restriction } = limits;
    if (restriction !== null && (await this.#compile(restriction)).kind === "refused") {
      throw new TytoError("bad-request", "The restriction is no search over events", {
        hint: "Write it as in the search bar, for example `-source.name:payroll`.",
      });
    }
    const masked = [...new Set(limits.masked.map((one) => QUERY_ALIASES.get(one) ?? one))].sort();
    const next = { ...this.#limits, [name]: { restriction, masked } };
    await this.#options.control.settings.set(
      SETTING,
      JSON.stringify(Object.fromEntries(ROLE_NAMES.map((one) => [one, next[one]]))),
    );
    this.#limits = next;
    this.#resolved.delete(name);
  }

  async #resolve(name: RoleName): Promise<ResolvedRole> {
    const { restriction, masked } = this.#limits[name];
    const permissions = new Set(ROLES[name].permissions);
    if (restriction === null && masked.length === 0) return { name, permissions, access: undefined };
    const restrictions = new Map<TableName, QueryExpression>();
    if (restriction !== null) {
      const compiled = await this.#compile(restriction);
      if (compiled.kind === "refused") {
        throw new TytoError("forbidden", `The limits of the role ${name} cannot be applied`, {
          hint: "An administrator mends them in Settings, Roles.",
        });
      }
      if (compiled.filter !== null) restrictions.set("Events", compiled.filter);
    }
    const covered = masked.length === 0 ? [] : [...masked, ...WHOLE_FIELDS];
    return { name, permissions, access: { restrictions, masked: new Set(covered) } };
  }

  async #compile(
    text: string,
  ): Promise<
    { readonly kind: "refused" } | { readonly kind: "filter"; readonly filter: QueryExpression | null }
  > {
    const { query, now } = this.#options;
    const asked = await query.compileWith(
      { text, now: now(), tenant: DEFAULT_TENANT, access: undefined },
      (one) => {
        refuseOtherThanEvents(one);
        return filterOf(one);
      },
    );
    return asked.ok ? { kind: "filter", filter: asked.value } : { kind: "refused" };
  }
}
