import type { ConnectionKind } from "@tyto/domain";
import { commandKind } from "../command/command-kind.ts";
import { fileKind } from "../file-tail/file-kind.ts";
import { kafkaKind } from "../kafka/kafka-kind.ts";
import { natsKind } from "../nats/nats-kind.ts";
import { awsCloudtrailKind } from "../poll/collectors/aws-cloudtrail.ts";
import { entraKind } from "../poll/collectors/entra.ts";
import { githubKind } from "../poll/collectors/github.ts";
import { googleWorkspaceKind } from "../poll/collectors/google-workspace.ts";
import { microsoft365Kind } from "../poll/collectors/microsoft-365.ts";
import { oktaKind } from "../poll/collectors/okta.ts";
import { s3Kind } from "../s3/s3-kind.ts";
import { sealKind } from "./sealed-kind.ts";
import type { SealedKind } from "./sealed-kind.ts";

/** Everything that can be pulled from. A new kind adds its name and schemas to the domain and its line here. */
export function connectionKinds(): Readonly<Record<ConnectionKind, SealedKind>> {
  return {
    file: sealKind(fileKind),
    kafka: sealKind(kafkaKind),
    nats: sealKind(natsKind),
    s3: sealKind(s3Kind),
    "aws-cloudtrail": sealKind(awsCloudtrailKind),
    "microsoft-365": sealKind(microsoft365Kind),
    entra: sealKind(entraKind),
    okta: sealKind(oktaKind),
    github: sealKind(githubKind),
    "google-workspace": sealKind(googleWorkspaceKind),
    command: sealKind(commandKind),
  };
}
