import type { Token } from "@tyto/domain";
import { formatCount } from "../../ui/text/format.ts";

/** What limits a token that sends, in words; empty when nothing does. */
export function termsInWords({ source, pack, inputs, recordsPerSecond, bytesPerSecond }: Token): string {
  return [
    ...(source === null ? [] : [`as ${source}`]),
    ...(pack === null ? [] : [`read by ${pack}`]),
    ...(inputs === null ? [] : [`over ${inputs.join(", ")}`]),
    ...(recordsPerSecond === null ? [] : [`${formatCount(recordsPerSecond)} records/s`]),
    ...(bytesPerSecond === null ? [] : [`${formatCount(bytesPerSecond)} bytes/s`]),
  ].join(" · ");
}
