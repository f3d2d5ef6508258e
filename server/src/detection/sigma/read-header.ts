import { LEVELS, ruleId } from "@tyto/domain";
import type { Level, Place } from "@tyto/domain";
import { didYouMean } from "./problems.ts";
import type { Problems } from "./problems.ts";
import { entryOf, textOf, textsOf } from "./rule-node.ts";
import type { RuleMap } from "./rule-node.ts";
import type { RuleHeader } from "./rule.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const MAX_TITLE = 256;
/** Sigma lets a rule leave its level out; what nobody rated is worth a look, no more. */
const DEFAULT_LEVEL: Level = "low";
const OWN_KEYS = ["cause", "sentence", "building-block", "response"] as const;
const MAX_RESPONSES = 10;

export interface HeaderSource {
  readonly map: RuleMap;
  readonly path: string;
  /** Place of the document within its file: 0 for the first. */
  readonly index: number;
  readonly yaml: string;
  readonly problems: Problems;
}

/** Reads what every kind of rule has. Wrong optional keys are reported and replaced, so that the rest is checked as well. */
export function readHeader({ map, path, index, yaml, problems }: HeaderSource): RuleHeader {
  const id = readId(map, path, index, problems);
  const title = readTitle(map, problems);
  const own = readOwnKeys(map, problems);
  return {
    id: ruleId(id),
    name: textOf(map, "name"),
    title,
    description: textOf(map, "description")?.trim() ?? "",
    level: readLevel(map, problems),
    tags: textsOf(map, "tags"),
    cause: own.cause ?? id,
    sentence: own.sentence,
    response: own.response,
    isBuildingBlock: own.isBuildingBlock,
    path,
    yaml,
    at: map.at,
  };
}

function readId(map: RuleMap, path: string, index: number, problems: Problems): string {
  const own = textOf(map, "id");
  const fallback = index === 0 ? `path:${path}` : `path:${path}#${index}`;
  if (own === undefined) return fallback;
  if (UUID.test(own)) return own.toLowerCase();
  problems.warn(
    placeOf(map, "id"),
    "bad-id",
    `the id "${own}" is no UUID`,
    "make one, for example with uuidgen",
  );
  return /^[\w.:-]{1,200}$/.test(own) ? own : fallback;
}

function readTitle(map: RuleMap, problems: Problems): string {
  const title = textOf(map, "title");
  if (title === undefined || title === "") {
    problems.error(map.at, "missing-title", "the rule has no title");
    return "";
  }
  if (title.length > MAX_TITLE) {
    problems.warn(placeOf(map, "title"), "long-title", `the title is longer than ${MAX_TITLE} characters`);
  }
  return title.slice(0, MAX_TITLE);
}

function readLevel(map: RuleMap, problems: Problems): Level {
  const written = textOf(map, "level");
  if (written === undefined) return DEFAULT_LEVEL;
  const level = LEVELS.find((one) => one === written);
  if (level === undefined) {
    problems.error(
      placeOf(map, "level"),
      "bad-level",
      `"${written}" is no level`,
      `one of ${LEVELS.join(", ")}`,
    );
  }
  return level ?? DEFAULT_LEVEL;
}

interface OwnKeys {
  readonly cause: string | undefined;
  readonly sentence: string | undefined;
  readonly response: readonly string[];
  readonly isBuildingBlock: boolean;
}

function readOwnKeys(map: RuleMap, problems: Problems): OwnKeys {
  const entry = entryOf(map, "tyto");
  const none: OwnKeys = { cause: undefined, sentence: undefined, response: [], isBuildingBlock: false };
  if (entry === undefined) return none;
  if (entry.value.kind !== "map") {
    problems.error(entry.value.at, "wrong-shape", "tyto must be a map of our own keys");
    return none;
  }
  const own = entry.value;
  for (const { key, at } of own.entries) {
    if (OWN_KEYS.some((known) => known === key)) continue;
    problems.warn(at, "unknown-key", `tyto has no key "${key}"`, didYouMean(key, OWN_KEYS));
  }
  const cause = textOf(own, "cause");
  if (cause !== undefined && !/^[a-z0-9-]{1,64}$/.test(cause)) {
    problems.error(
      placeOf(own, "cause"),
      "bad-cause",
      `the cause "${cause}" is not lower-case words with hyphens`,
    );
  }
  return {
    cause,
    sentence: textOf(own, "sentence"),
    response: readResponse(own, problems),
    isBuildingBlock: textOf(own, "building-block") === "true",
  };
}

/** What to do about a finding: a list of short sentences. */
function readResponse(own: RuleMap, problems: Problems): readonly string[] {
  const entry = entryOf(own, "response");
  if (entry === undefined) return [];
  const steps = textsOf(own, "response");
  if (entry.value.kind !== "list" || steps.length !== entry.value.items.length) {
    problems.error(entry.value.at, "wrong-shape", "tyto.response must be a list of sentences");
  } else if (steps.length > MAX_RESPONSES) {
    problems.error(entry.value.at, "wrong-shape", `tyto.response holds more than ${MAX_RESPONSES} sentences`);
  }
  return steps;
}

function placeOf(map: RuleMap, key: string): Place {
  return entryOf(map, key)?.value.at ?? map.at;
}
