import { activityCaption, CLASS_MAP, CLASSES, OCSF_VERSION } from "../ocsf/index.ts";
import type { ActivityRule, ClassDefinition, ClassRow, Condition } from "../ocsf/index.ts";

/** OCSF for readers: how to get it, and which of our events become which class. */
export function ocsfPage(notice: string): string {
  return [
    `# Events in OCSF ${OCSF_VERSION}`,
    notice,
    "",
    "Source: `server/src/ocsf/`. Events are ECS inside Tyto (`fields.md`) and leave as OCSF where you ask for it, one JSON object a line:",
    "",
    "    npx tyto parse --schema ocsf FILE",
    "    npx tyto query 'Events | where source.ip == \"10.0.0.5\"' --schema ocsf",
    "",
    '`POST /api/v1/search` takes `"schema": "ocsf"` and answers with one column, `event`. A search must give rows of Events with their `id`.',
    "",
    "- What an event has and OCSF has no attribute for stands under `unmapped`, by its ECS or vendor name. Lists of which only the first value has a place stay there whole.",
    "- `metadata.uid` is Tyto's id of the event, `metadata.log_source` the pack that read it, `raw_data` the record as received.",
    "- `severity_id` comes from `log.level` or syslog's severity, and is 0 (Unknown) without them. Vendors' own numbers stay in `unmapped`.",
    "- `metadata.profiles` names OCSF's profiles that are used: `host`, `cloud`, `security_control`.",
    "- A record that became no event is an Application Error, Translation Error.",
    "",
    "## Class map",
    "",
    "The first row that an event meets and whose class it can fill. What a class requires and an event lacks is not made up: the event goes on to the next row, in the end to Base Event.",
    "",
    "| the event has | class | activity |",
    "|---|---|---|",
    ...CLASS_MAP.map(mapLine),
    "",
  ].join("\n");
}

function mapLine({ when, name, activity }: ClassRow): string {
  const { uid, caption }: ClassDefinition = CLASSES[name];
  return `| ${conditionText(when)} | ${caption} (${uid}) | ${activityText(name, activity)} |`;
}

function conditionText({ kind, category, type, action, protocol, field }: Condition): string {
  const parts = [
    ...(kind === undefined ? [] : [`kind \`${kind}\``]),
    ...(category === undefined ? [] : [`category \`${category}\``]),
    ...(type === undefined ? [] : [`type \`${type.replaceAll("+", "` and `")}\``]),
    ...(action === undefined ? [] : [`action with ${action.map((part) => `\`${part}\``).join(" and ")}`]),
    ...(protocol === undefined ? [] : [`protocol ${protocol.map((one) => `\`${one}\``).join(" or ")}`]),
    ...(field === undefined ? [] : [`\`${field}\``]),
  ];
  return parts.length === 0 ? "anything" : parts.join(", ");
}

function activityText(name: ClassRow["name"], activity: ActivityRule): string {
  return typeof activity === "number"
    ? `${activityCaption(name, activity)} (${activity})`
    : `by \`${activity.field}\``;
}
