import type { DeviceName, PackDefinition, Recogniser } from "../content/index.ts";
import type { CompiledParser, ParserTable } from "./compile/parser-table.ts";
import { firstCharacters } from "./first-characters.ts";
import { JsonBuckets, holdsKeys } from "./json-buckets.ts";
import { requiredTexts } from "./required-text.ts";
import { deviceKey, deviceOf } from "./decoders/device-header.ts";
import type { Draft } from "./draft.ts";

/** One way a record can be known. Its rank is its place among all: lower goes first. */
export interface Candidate {
  readonly rank: number;
  readonly priority: number;
  readonly parser: CompiledParser;
  claims(draft: Draft, message: string): boolean;
}

export interface Configured {
  readonly candidates: readonly Candidate[];
  readonly parser: CompiledParser | undefined;
}

/** Packs below this priority take what is left; they never read a text inside an envelope. */
export const GENERIC_PRIORITY = -20;

const NONE: readonly Candidate[] = [];
const STRUCTURED_DATA = "log.syslog.structured_data";

/**
 * The recognisers of all packs, compiled to one dispatch: by JSON, by program, by CEF or LEEF header, by the first character of the
 * message, and the few that can only look. A record meets the candidates of its own buckets, in order of priority.
 */
export class Recognition {
  readonly #json = new JsonBuckets();
  readonly #byProgram = new Map<string, Candidate[]>();
  readonly #byFirst = new Map<string, Candidate[]>();
  readonly #byHeader: Candidate[] = [];
  readonly #byDevice = new Map<string, Candidate[]>();
  readonly #structured: Candidate[] = [];
  /** Those with a `*` in a program: looked at where there is a program. */
  readonly #programs: Candidate[] = [];
  /** Those that look into a text, and do not know what it begins with: for words, or for nothing that could be told. */
  readonly #words: Candidate[] = [];
  readonly #others: Candidate[] = [];
  readonly #byType = new Map<string, CompiledParser>();
  readonly #byParser = new Map<string, CompiledParser>();
  readonly #byPack = new Map<string, Candidate[]>();

  constructor(packs: readonly PackDefinition[], parsers: ParserTable) {
    const all = packs.flatMap((pack) => pack.recognisers.map((recogniser) => ({ pack, recogniser })));
    // Equal priorities: more specific recognisers first, then the order of packs, which is by name.
    all.sort(
      (a, b) =>
        b.recogniser.priority - a.recogniser.priority ||
        specificity(b.recogniser) - specificity(a.recogniser),
    );
    this.#json.count(all.map(({ recogniser }) => recogniser));
    all.forEach(({ pack, recogniser }, rank) => {
      const parser = parsers.find(pack.id, recogniser.parser);
      if (parser !== undefined) this.#add(pack.id, compileRecogniser(recogniser, parser, rank), recogniser);
    });
    for (const pack of packs) {
      for (const [type, name] of pack.types) {
        const parser = parsers.find(pack.id, name);
        if (parser !== undefined && !this.#byType.has(type)) this.#byType.set(type, parser);
      }
      for (const name of pack.parsers.keys()) {
        const parser = parsers.find(pack.id, name);
        if (parser !== undefined) this.#byParser.set(`${pack.id}/${name}`, parser);
      }
    }
  }

  /**
   * What a source's configuration names: `pack/parser` is that parser; a pack, or a type that a pack declares, is the pack's
   * own recognisers first and then the parser that the type stands for (for a pack's name: `main`, if it has one).
   */
  configured(name: string): Configured {
    const exact = this.#byParser.get(name);
    if (exact !== undefined) return { candidates: NONE, parser: exact };
    const slash = name.indexOf("/");
    const parser =
      this.#byType.get(name) ??
      this.#byParser.get(`${name}/main`) ??
      (slash < 0 ? undefined : this.#byType.get(name.slice(0, slash)));
    return { candidates: this.#byPack.get(parser?.pack ?? name) ?? NONE, parser };
  }

  /** Candidates for the draft as its envelope left it, best first. */
  *candidates(draft: Draft): Generator<Candidate> {
    const message = draft.textOf("message") ?? "";
    const device = this.#byDevice.size === 0 ? "" : deviceOf(message, draft.json);
    const buckets = [
      ...(device === "" ? [] : this.#devices(device)),
      draft.header === "" && draft.context === null ? NONE : this.#byHeader,
      ...(draft.json === null ? [] : this.#json.of(draft.json)),
      ...(draft.program === "" ? [] : [this.#byProgram.get(draft.program) ?? NONE, this.#programs]),
      message === "" ? NONE : (this.#byFirst.get(message[0] ?? "") ?? NONE),
      draft.fields.has(STRUCTURED_DATA) ? this.#structured : NONE,
      this.#others,
      // What looks for words is not meant for an object, whose keys and values may be any.
      draft.json === null ? this.#words : NONE,
    ];
    const next = buckets.map(() => 0);
    let last = -1;
    for (;;) {
      let best: Candidate | undefined;
      let from = -1;
      for (let i = 0; i < buckets.length; i += 1) {
        const candidate = buckets[i]?.[next[i] ?? 0];
        if (candidate !== undefined && (best === undefined || candidate.rank < best.rank)) {
          best = candidate;
          from = i;
        }
      }
      if (best === undefined) return;
      next[from] = (next[from] ?? 0) + 1;
      // One that is filed under several names of the record comes more than once, one straight behind the other.
      if (best.rank === last) continue;
      last = best.rank;
      if (best.claims(draft, message)) yield best;
    }
  }

  /** By vendor and product, by vendor, by format alone. */
  #devices(device: string): readonly (readonly Candidate[])[] {
    const vendor = device.slice(0, device.lastIndexOf("|") + 1);
    const format = device.slice(0, device.indexOf("|") + 1);
    return [device, vendor, format].map((key) => this.#byDevice.get(key) ?? NONE);
  }

  #add(pack: string, candidate: Candidate, recogniser: Recogniser): void {
    push(this.#byPack, pack, candidate);
    const exact = recogniser.programs.filter((program) => !program.endsWith("*"));
    if (recogniser.devices.length > 0) {
      for (const device of recogniser.devices) push(this.#byDevice, keyOf(device), candidate);
    } else if (recogniser.headers.length + recogniser.around.length > 0) this.#byHeader.push(candidate);
    else if (recogniser.json !== null) this.#json.add(candidate, recogniser.json);
    else if (recogniser.elements.length > 0) this.#structured.push(candidate);
    else if (recogniser.programs.length > 0) {
      if (exact.length < recogniser.programs.length) this.#programs.push(candidate);
      else for (const program of exact) push(this.#byProgram, program, candidate);
    } else {
      const first = beginnings(recogniser);
      if (first === null) (looksForWords(recogniser) ? this.#words : this.#others).push(candidate);
      else for (const character of first) push(this.#byFirst, character, candidate);
    }
  }
}

/** `cef|vendor|product`, `cef|vendor|`, or `cef|` for any vendor. */
function keyOf({ format, vendor, product }: DeviceName): string {
  if (vendor === "*" || vendor === "") return `${format.toLowerCase()}|`;
  return deviceKey(format, vendor, product ?? "");
}

/** First characters of the texts that a recogniser can hold for; `null`: any. */
function beginnings({ prefixes, pattern }: Recogniser): ReadonlySet<string> | null {
  if (prefixes.length > 0) return new Set(prefixes.map((prefix) => prefix[0] ?? ""));
  return pattern === null ? null : firstCharacters(pattern);
}

function looksForWords({ contains, pattern }: Recogniser): boolean {
  return contains.length > 0 || (pattern !== null && requiredTexts(pattern).length > 0);
}

function push(map: Map<string, Candidate[]>, key: string, candidate: Candidate): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [candidate]);
  else list.push(candidate);
}

function specificity(recogniser: Recogniser): number {
  return (
    (recogniser.devices.some(({ vendor }) => vendor !== "*") ? 2 : 0) +
    (recogniser.devices.some(({ product }) => product !== null) ? 2 : 0) +
    (recogniser.headers.length > 0 ? 2 : 0) +
    recogniser.around.length * 2 +
    (recogniser.json?.length ?? 0) * 2 +
    (recogniser.programs.length > 0 ? 2 : 0) +
    (recogniser.elements.length > 0 ? 2 : 0) +
    (recogniser.prefixes.length > 0 ? 2 : 0) +
    recogniser.contains.length +
    (recogniser.pattern === null ? 0 : 1)
  );
}

/** Expressions of recognisers see the beginning only: what a line is shows there. */
const MAX_LOOK = 2_048;

function compileRecogniser(recogniser: Recogniser, parser: CompiledParser, rank: number): Candidate {
  const { prefixes, contains, json, headers } = recogniser;
  const around = recogniser.around.map((key) => ({ key, values: [] }));
  const program = compileNames(recogniser.programs);
  const element = compileNames(recogniser.elements);
  const devices = recogniser.devices.map(keyOf);
  const expression = recogniser.pattern === null ? null : new RegExp(recogniser.pattern, "s");
  const needed = recogniser.pattern === null ? [] : requiredTexts(recogniser.pattern);
  return {
    rank,
    priority: recogniser.priority,
    parser,
    claims(draft, message) {
      if (program !== null && !program(draft.program)) return false;
      if (element !== null && !elementsOf(draft).some(element)) return false;
      if (devices.length > 0 && !isOneOf(devices, deviceOf(message, draft.json))) return false;
      if (headers.length > 0 && !headers.some((part) => draft.header.includes(part))) return false;
      if (around.length > 0 && (draft.context === null || !holdsKeys(draft.context, around))) return false;
      if (prefixes.length > 0 && !prefixes.some((prefix) => message.startsWith(prefix))) return false;
      if (!contains.every((part) => message.includes(part))) return false;
      if (json !== null && (draft.json === null || !holdsKeys(draft.json, json))) return false;
      if (expression === null) return true;
      if (needed.length > 0 && !needed.some((part) => message.includes(part))) return false;
      return expression.test(message.length > MAX_LOOK ? message.slice(0, MAX_LOOK) : message);
    },
  };
}

/** Keys of a vendor alone, or of a format alone, end with the bar that more would follow. */
function isOneOf(keys: readonly string[], device: string): boolean {
  return keys.some((key) => device === key || (key.endsWith("|") && device.startsWith(key)));
}

/** Names of programs or of elements; a `*` at the end stands for any rest. */
function compileNames(names: readonly string[]): ((name: string) => boolean) | null {
  if (names.length === 0) return null;
  const exact = new Set(names);
  const prefixes = names.filter((name) => name.endsWith("*")).map((name) => name.slice(0, -1));
  return (name) => exact.has(name) || (name !== "" && prefixes.some((prefix) => name.startsWith(prefix)));
}

function elementsOf(draft: Draft): readonly string[] {
  const data = draft.fields.get(STRUCTURED_DATA);
  return typeof data === "object" && data !== null ? Object.keys(data) : [];
}
