import type { PackDefinition } from "../../content/index.ts";
import type { RunStep } from "../draft.ts";
import { compileSteps } from "./steps.ts";

/** A pack's parser, compiled when it is first asked for, so that parsers may use each other in any order. */
export interface CompiledParser {
  readonly pack: string;
  readonly name: string;
  readonly run: RunStep;
}

/** Parsers that hand on to each other without end are cut here. */
const MAX_USE_DEPTH = 8;

/** What compiled steps need from the rest: other parsers, tables, and whatever recognises a text. */
export interface CompileContext {
  readonly pack: PackDefinition;
  parser(pack: string, name: string): CompiledParser | undefined;
  /** Runs whatever pack but the present one recognises `message`; `next` also when none does. */
  readonly recognise: RunStep;
}

/** All parsers of a snapshot, by pack and name. */
export class ParserTable {
  readonly #packs: ReadonlyMap<string, PackDefinition>;
  readonly #recognise: RunStep;
  readonly #compiled = new Map<string, CompiledParser>();

  constructor(packs: readonly PackDefinition[], recognise: RunStep) {
    this.#packs = new Map(packs.map((pack) => [pack.id, pack]));
    this.#recognise = recognise;
    for (const pack of packs) for (const name of pack.parsers.keys()) this.find(pack.id, name);
  }

  find(packId: string, name: string): CompiledParser | undefined {
    const key = `${packId}/${name}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const pack = this.#packs.get(packId);
    const steps = pack?.parsers.get(name);
    if (pack === undefined || steps === undefined) return undefined;
    // Registered before its steps are compiled: a parser that uses itself finds this entry.
    let run: RunStep = () => "next";
    const parser: CompiledParser = {
      pack: packId,
      name,
      run: (draft) => {
        if (draft.depth >= MAX_USE_DEPTH) {
          return draft.fail("pack-failed", `parsers hand on to each other more than ${MAX_USE_DEPTH} times`);
        }
        draft.depth += 1;
        const signal = run(draft);
        draft.depth -= 1;
        return signal;
      },
    };
    this.#compiled.set(key, parser);
    run = compileSteps(steps, {
      pack,
      parser: (otherPack, otherName) => this.find(otherPack, otherName),
      recognise: this.#recognise,
    });
    return parser;
  }
}
