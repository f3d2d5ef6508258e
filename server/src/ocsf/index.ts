/**
 * Events as the Open Cybersecurity Schema Framework 1.8.0 has them.
 *
 * Owns: which class an event becomes (`class-map.ts`, data), and which of its fields become which attributes.
 * Refuses: reading OCSF, and findings and alerts of ours.
 * Promises: pure and total; each event becomes exactly one that has all that its class requires; what found no attribute is under
 * `unmapped`.
 */
export { toOcsf } from "./to-ocsf.ts";
export type { ExportedEvent } from "./metadata.ts";
export type { OcsfObject, OcsfValue } from "./values.ts";
export { CLASS_MAP } from "./class-map.ts";
export type { ActivityRule, ClassRow, Condition } from "./class-map.ts";
export { activityCaption, CLASSES, OCSF_VERSION } from "./classes.ts";
export type { ClassDefinition } from "./classes.ts";
