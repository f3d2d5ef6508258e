import type { RuleBody } from "@tyto/domain";

export const STATUS_TEXT: Readonly<Record<RuleBody["status"], string>> = {
  runnable: "Runs",
  "needs-field": "Needs a field",
  unsupported: "Not supported",
  invalid: "Invalid",
};
